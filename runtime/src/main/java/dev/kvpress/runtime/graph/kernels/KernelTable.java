package dev.kvpress.runtime.graph.kernels;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Splitter;
import dev.kvpress.runtime.graph.kernels.OperatorKernels.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A table of kernels, as its head describes the notation. */
final class KernelTable {
  /** The standard operators, whose domain files leave out. */
  private static final String STANDARD = "ai.onnx";

  private static final Splitter FIELDS = Splitter.on('|').trimResults();
  private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
  private static final Splitter MEMBERS = Splitter.on(',');

  private final Map<String, Set<String>> sets = new HashMap<>();
  private final Map<String, OperatorKernels> operators = new HashMap<>();

  private KernelTable() {}

  /** Reads a table beside this class. */
  static KernelTable read(String resource) {
    try (InputStream in = KernelTable.class.getResourceAsStream(resource)) {
      checkState(in != null, "%s is missing from this build", resource);
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static KernelTable parse(String text) {
    KernelTable table = new KernelTable();
    text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).forEach(table::add);
    return table;
  }

  /** The kernels of an operator; empty where the table does not know it. */
  Optional<OperatorKernels> find(String domain, String operator) {
    String whole = domain.isEmpty() ? STANDARD : domain;
    return Optional.ofNullable(operators.get(whole + "." + operator));
  }

  private void add(String line) {
    if (line.startsWith("set ")) {
      List<String> words = WORDS.splitToList(line);
      sets.put(words.get(1), types(words.get(2)));
      return;
    }
    List<String> fields = FIELDS.splitToList(line);
    checkState(fields.size() >= 4, "four fields or more were expected, found: %s", line);
    List<String> signature = Splitter.on('>').splitToList(fields.get(2));
    List<Kernel> kernels = new ArrayList<>();
    List<Refusal> refusals = new ArrayList<>();
    boolean cudnn = false;
    for (String field : fields.subList(3, fields.size())) {
      List<String> words = WORDS.splitToList(field);
      if (field.equals("cudnn")) {
        cudnn = true;
      } else if (words.get(0).equals("!")) {
        refusals.add(
            new Refusal(
                words.get(1).equals("output"), Integer.parseInt(words.get(2)), words.get(3)));
      } else if (!words.get(0).equals("none")) {
        kernels.add(kernel(words));
      }
    }
    OperatorKernels before =
        operators.put(
            fields.get(0),
            new OperatorKernels(
                MEMBERS.splitToStream(fields.get(1)).map(Integer::valueOf).toList(),
                formals(signature.get(0)),
                formals(signature.get(1)),
                kernels,
                refusals,
                cudnn));
    checkState(before == null, "%s stands in the table twice", fields.get(0));
  }

  private static List<String> formals(String words) {
    return WORDS.splitToStream(words).map(word -> word.replace("*", "")).toList();
  }

  private Kernel kernel(List<String> words) {
    String versions = words.get(0);
    Map<String, Set<String>> types = new HashMap<>();
    for (String word : words.subList(1, words.size())) {
      List<String> sides = Splitter.on('=').splitToList(word);
      types.put(sides.get(0), types(sides.get(1)));
    }
    if (versions.endsWith("+")) {
      int first = Integer.parseInt(versions.substring(0, versions.length() - 1));
      return new Kernel(first, OptionalInt.empty(), types);
    }
    List<String> ends = Splitter.on('-').splitToList(versions);
    int last = Integer.parseInt(ends.get(ends.size() - 1));
    return new Kernel(Integer.parseInt(ends.get(0)), OptionalInt.of(last), types);
  }

  private Set<String> types(String members) {
    Set<String> types = new LinkedHashSet<>();
    for (String member : MEMBERS.split(members)) {
      if (member.startsWith("@")) {
        Set<String> set = sets.get(member.substring(1));
        checkState(set != null, "there is no set %s", member);
        types.addAll(set);
      } else {
        checkState(ElementNames.ALL.contains(member), "there is no type %s", member);
        types.add(member);
      }
    }
    return types;
  }
}
