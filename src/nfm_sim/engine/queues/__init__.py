"""What is scarce: pools that subjects take from, and wait for in queues."""
