shopt -s nullglob
folders=("$output"/shards/*-of-"$shards")
begun=()
for folder in "${folders[@]}"; do
  if [ -e "$folder/plan.json" ]; then begun+=("$folder"); fi
done
if [ "${#begun[@]}" -eq 0 ]; then
  echo "no shard has begun: there is none in $output/shards; the logs in $logs say why" >&2
  exit 1
fi

# No model is needed here, so that Java's own heap may have most of the memory.
export KVPRESS_JAVA_OPTS="-XX:MaxRAMPercentage=70 $KVPRESS_JAVA_OPTS"

# What is done, missing and failed; merge itself refuses gaps unless it is told otherwise.
"$compare" status "${folders[@]}" || true
"$compare" "${merge[@]}" "${begun[@]}" --output "$output" || {
  code=$?
  printf 'shards that did not come to their end are gone on with by: bash %q\n' "$submit_script" >&2
  exit "$code"
}
