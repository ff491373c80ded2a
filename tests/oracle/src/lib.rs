//! The judge: a plain function from the set of events, now and the rules to the whole picture.
