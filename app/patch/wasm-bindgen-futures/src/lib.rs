//! Nothing. Artel does not build for the web; see `docs/src/decisions/0010-wasm-bindgen-futures.md`.
