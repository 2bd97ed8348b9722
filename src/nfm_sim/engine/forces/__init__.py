"""Force elements: their life between tasks, their activation, and the board that assigns them."""
