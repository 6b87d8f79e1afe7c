#!/bin/sh
# Precomputes on the cluster whose head is $RAY_HEAD. This container joins the cluster without
# offering it anything: a driver needs a part of Ray beside it.
set -eu
ray start --address="$RAY_HEAD" --num-cpus=0 --num-gpus=0 --disable-usage-stats
exec microscope precompute --engine ray --address "$RAY_HEAD" "$@"
