//! The prediction log in a table of DynamoDB.
