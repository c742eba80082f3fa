# Which shard, says SLURM.
task=${SLURM_ARRAY_TASK_ID:?is not set, so this is no task of an array; submit the comparison instead}

# Every so-manyth context. A shard that is started again, for whatever reason, goes on in its own
# folder where it was. exec: signals of the cluster reach compare itself, which then stops cleanly.
exec "$compare" "${comparison[@]}" \
  --shard "$task/$shards" \
  --output "$output/shards/$task-of-$shards"
