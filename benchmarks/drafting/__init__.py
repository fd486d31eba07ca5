"""How much of a shipped mapping a draft gets right, and how much of what it proposes is right."""
