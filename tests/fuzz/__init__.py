"""A fuzz of everything that is read: scenarios, networks, options and study folders, spoiled at random.

`mutations` spoils, `oracle` says what may come of it, `test_fuzz` is the minute that every change gets, and
`python tests/fuzz/long.py --minutes 60` a longer search. What it finds is mended and kept in `test_found`.
"""
