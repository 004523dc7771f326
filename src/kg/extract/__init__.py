"""`Paper` → `Record`: what one paper says, read by rules and a small learned model."""
