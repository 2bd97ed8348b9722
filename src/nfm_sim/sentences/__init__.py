"""What numbers say, in sentences: pure functions, which need no study to be tried and know whether more is better."""
