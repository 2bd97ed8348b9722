"""How lots move: over legs, by their mode, from ship to border."""
