#!/usr/bin/env bash
# Checks what the project needs. Idempotent; changes nothing that is there.
set -euo pipefail

missing=()
command -v cargo >/dev/null || missing+=("Rust 1.95 or newer: https://rustup.rs")
command -v cc >/dev/null || missing+=("a C compiler: apt-get install gcc (Debian), xcode-select --install (macOS)")

if command -v cargo >/dev/null; then
  wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml)
  have=$(rustc --version | cut -d ' ' -f 2)
  oldest=$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)
  [ "$oldest" = "$wanted" ] || missing+=("Rust $wanted or newer, here is $have: rustup update stable")
fi

if [ ${#missing[@]} -gt 0 ]; then
  printf 'goldstream needs:\n' >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi
