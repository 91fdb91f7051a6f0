"""How far the triggers of each rule came, as people and programs read it."""
