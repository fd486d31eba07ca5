"""Records made fit to be shown to others: risk measured, details taken away, risk and loss measured again."""
