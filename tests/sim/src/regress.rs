//! Bugs that seeds have found, each with the seed and a sentence.
