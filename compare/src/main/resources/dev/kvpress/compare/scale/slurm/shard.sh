# Every so-manyth context. A shard that is started again, for whatever reason, goes on in its own
# folder where it was. exec: signals of the cluster reach compare itself, which then stops cleanly.
exec "$compare" "${comparison[@]}" \
  --shard "$SLURM_ARRAY_TASK_ID/$shards" \
  --output "$output/shards/$SLURM_ARRAY_TASK_ID-of-$shards"
