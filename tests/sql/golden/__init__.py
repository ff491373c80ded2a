"""The golden city's events, and the rules of the domain by which its rows are worked out."""
