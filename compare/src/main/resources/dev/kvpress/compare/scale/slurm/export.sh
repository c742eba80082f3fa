# Reads the data, says what is to be done, and fills the cache folder with what is exported of the
# model, so that the shards find it there and do not export all at once.
exec "$compare" "${comparison[@]}" --output "$output" --fill-cache
