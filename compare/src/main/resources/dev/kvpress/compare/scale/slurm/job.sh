
# Where a cluster does not fence jobs in, Java sees the whole machine: it is told what this job was
# given. What stands in KVPRESS_JAVA_OPTS already wins.
given="${SLURM_CPUS_ON_NODE:+-XX:ActiveProcessorCount=$SLURM_CPUS_ON_NODE}"
given+="${SLURM_MEM_PER_NODE:+ -XX:MaxRAM=${SLURM_MEM_PER_NODE}m}"
export KVPRESS_JAVA_OPTS="$given ${KVPRESS_JAVA_OPTS:-}"

cd "$directory"
