//! Tests across the packages: properties, contracts, end to end, tidy.
