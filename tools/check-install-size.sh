#!/usr/bin/env bash
# The default install may take 400 MB, Node 24 included.
set -eu
bytes=$(du -sb node_modules | cut -f1)
echo "node_modules: $((bytes / 1000000)) MB of 400"
[ "$bytes" -le 400000000 ]
