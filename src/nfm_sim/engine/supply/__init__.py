"""Supply under way: stocks that are used and filled, and the loads that move to them."""
