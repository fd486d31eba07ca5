"""The verbs: words and frames in, frames and findings out; no files, no printing."""
