//! The prediction log in a file of SQLite.
