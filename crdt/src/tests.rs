//! Tests of everything together.

mod vectors;
