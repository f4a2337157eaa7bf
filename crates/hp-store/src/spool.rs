//! The file that holds predictions until the store is back.
