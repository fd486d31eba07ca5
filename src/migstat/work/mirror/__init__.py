"""Mirror: the same flow as the sender counts it and as the receiver does."""
