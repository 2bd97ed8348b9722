"""How movements share links: credits, and movement control, which gives them."""
