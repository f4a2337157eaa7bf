"""The comparison that `bench/run` makes: hp and its peers on the same rows, in turn."""
