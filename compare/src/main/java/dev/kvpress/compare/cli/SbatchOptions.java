package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Options of sbatch that have none of their own here. What the scripts say themselves is refused by
 * name, since sbatch heeds the last of several without a word.
 */
final class SbatchOptions {
  private static final String OPTION = "--sbatch";
  private static final Pattern FORM = Pattern.compile("-{0,2}([A-Za-z][a-z0-9-]*)(=\\P{Cntrl}+)?");

  /** Those that cannot be given, with the way out. */
  private static final Map<String, String> REFUSED = refused();

  private static final Map<String, String> LETTERS = letters();

  private SbatchOptions() {}

  private static Map<String, String> refused() {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("array", "give --array N");
    reasons.put("job-name", "give --job-name NAME");
    reasons.put("time", "give --time LIMIT");
    reasons.put("mem", "give --memory SIZE");
    reasons.put("mem-per-gpu", "Java could not be told of it; give --memory SIZE");
    reasons.put("cpus-per-task", "give --cpus COUNT");
    reasons.put("cpus-per-gpu", "give --cpus COUNT");
    reasons.put("gpus", "give --gpus COUNT");
    reasons.put("partition", "give --partition NAME");
    reasons.put("account", "give --account NAME");
    String logs = "the scripts say where logs go, below --output; leave it out";
    reasons.put("output", logs);
    reasons.put("error", logs);
    reasons.put("open-mode", logs);
    String order = "the scripts say which job waits for which; leave it out";
    reasons.put("dependency", order);
    reasons.put("kill-on-invalid-dep", order);
    String submitting = "the script that submits reads sbatch's answer at once; leave it out";
    reasons.put("parsable", submitting);
    reasons.put("wait", submitting);
    String nothing = "nothing would be submitted; leave it out";
    reasons.put("test-only", nothing);
    reasons.put("help", nothing);
    reasons.put("usage", nothing);
    reasons.put("version", nothing);
    reasons.put("wrap", "the jobs are the scripts; leave it out");
    String folder = "jobs begin where compare slurm was called; call it elsewhere";
    reasons.put("chdir", folder);
    reasons.put("workdir", folder);
    String variables = "jobs need the environment they are submitted in; leave it out";
    reasons.put("export", variables);
    reasons.put("export-file", variables);
    String again = "shards go on where they were when they are put back into the queue";
    reasons.put("requeue", again + ", as the script says already; leave it out");
    reasons.put("no-requeue", again + "; leave it out, or change the script");
    return reasons;
  }

  private static Map<String, String> letters() {
    Map<String, String> names = new LinkedHashMap<>();
    String all =
        "A account,a array,B extra-node-info,b begin,C constraint,c cpus-per-task,D chdir,d"
            + " dependency,e error,F nodefile,G gpus,H hold,h help,i input,J job-name,k no-kill,L"
            + " licenses,M clusters,m distribution,N nodes,n ntasks,O overcommit,o output,p"
            + " partition,Q quiet,q qos,S core-spec,s oversubscribe,t time,u usage,V version,v"
            + " verbose,W wait,w nodelist,x exclude";
    for (String pair : all.split(",", -1)) {
      names.put(pair.substring(0, 1), pair.substring(2));
    }
    return names;
  }

  /**
   * Reads them.
   *
   * @param typed each NAME=VALUE or NAME, with hyphens in front or without
   * @param memory whether the memory of a job is given elsewhere
   * @return those that can be given, without hyphens in front
   */
  static List<String> read(List<String> typed, boolean memory, Problems problems) {
    List<String> options = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (String text : typed) {
      Matcher matcher = FORM.matcher(text.strip());
      if (!matcher.matches()) {
        problems.add(form(text));
        continue;
      }
      String name = matcher.group(1);
      Optional<String> fault =
          fault(text, name)
              .or(() -> seen.add(name) ? Optional.empty() : Optional.of(twice(name)))
              .or(() -> memory && name.equals("mem-per-cpu") ? both() : Optional.empty());
      fault.ifPresent(problems::add);
      if (fault.isEmpty()) {
        options.add(text.strip().replaceFirst("^-+", ""));
      }
    }
    return options;
  }

  private static Optional<String> fault(String text, String name) {
    if (name.length() == 1) {
      String full = LETTERS.get(name);
      if (full == null) {
        return Optional.of(form(text));
      }
      return Optional.of(
          "%s %s: expected a whole name; %s"
              .formatted(OPTION, name, REFUSED.getOrDefault(full, "give " + full)));
    }
    if (!name.equals(name.toLowerCase(Locale.ROOT))) {
      return Optional.of(form(text));
    }
    String reason = REFUSED.get(name);
    if (reason != null) {
      return Optional.of("%s %s: cannot be given this way; %s".formatted(OPTION, name, reason));
    }
    // sbatch takes the beginning of a name for the name.
    return REFUSED.keySet().stream()
        .filter(full -> full.startsWith(name))
        .findFirst()
        .map(
            full ->
                "%s %s: expected a whole name, found the beginning of %s, which cannot be given this way; %s"
                    .formatted(OPTION, name, full, REFUSED.get(full)));
  }

  private static String form(String text) {
    return "%s: expected an option of sbatch, for instance qos=long, found '%s'"
        .formatted(OPTION, text);
  }

  private static String twice(String name) {
    return "%s %s: expected once, found several times; sbatch would heed the last alone"
        .formatted(OPTION, name);
  }

  private static Optional<String> both() {
    return Optional.of(
        "%s mem-per-cpu: expected one of it and --memory, found both; leave one out"
            .formatted(OPTION));
  }
}
