"""From a source's text to functions, language by language."""
