package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The chat templates that lie beside a model: {@code chat_template.jinja} and {@code
 * additional_chat_templates/}, else {@code chat_template} of {@code tokenizer_config.json}, one
 * text or a list of named ones. They are read when they are asked for: a template that is not
 * supported is no reason to refuse a task that has no use for it.
 */
public final class ChatTemplates {
  /** The one that is taken where none is named. */
  public static final String DEFAULT = "default";

  private static final String FILE = "chat_template.jinja";
  private static final String FOLDER = "additional_chat_templates";
  private static final String ENDING = ".jinja";
  private static final String FIELD = "chat_template";
  private static final long MAX_BYTES = 4L << 20;

  /** How a JSON object begins; a template that begins with its text would not be one. */
  private static final Pattern OBJECT = Pattern.compile("\\A\\s*\\{\\s*\"");

  private final Map<String, Source> sources;
  private final Map<String, String> specialTokens;

  /** A template before it is read. */
  private record Source(String name, String text) {}

  private ChatTemplates(Map<String, Source> sources, Map<String, String> specialTokens) {
    this.sources = sources;
    this.specialTokens = ImmutableMap.copyOf(specialTokens);
  }

  /**
   * The templates of a model.
   *
   * @param modelFolderOrFile a model's folder, or a file in it
   * @throws ModelException if a file beside it is broken
   */
  public static ChatTemplates beside(Path modelFolderOrFile) {
    boolean folder = Files.isDirectory(modelFolderOrFile);
    ModelFiles files =
        ModelFiles.of(folder ? modelFolderOrFile : modelFolderOrFile.resolveSibling(""));
    Map<String, Source> sources = new LinkedHashMap<>();
    inConfiguration(files.json(TokenizerConfig.FILE).path(FIELD), sources);
    Map<String, Source> own = ownFiles(files);
    // As transformers has it, files replace what the configuration says altogether.
    return new ChatTemplates(own.isEmpty() ? sources : own, specialTokens(files));
  }

  private static void inConfiguration(JsonNode field, Map<String, Source> sources) {
    String place = FIELD + " of " + TokenizerConfig.FILE;
    if (field.isTextual()) {
      sources.put(DEFAULT, new Source(place, field.textValue()));
    }
    for (JsonNode named : field) {
      String name = named.path("name").asText();
      if (name.isEmpty() || !named.path("template").isTextual()) {
        throw new ModelException(
            place + ": expected objects with name and template, found " + named);
      }
      sources.put(name, new Source(place + ": " + name, named.path("template").textValue()));
    }
  }

  private static Map<String, Source> ownFiles(ModelFiles files) {
    Map<String, Source> sources = new LinkedHashMap<>();
    files.find(FILE).ifPresent(file -> sources.put(DEFAULT, source(file)));
    for (Path folder : files.folders()) {
      Path more = folder.resolve(FOLDER);
      if (Files.isDirectory(more)) {
        for (Path file : templates(more)) {
          sources.putIfAbsent(MoreFiles.getNameWithoutExtension(file), source(file));
        }
      }
    }
    return sources;
  }

  private static List<Path> templates(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ENDING))
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot be listed: " + e, e);
    }
  }

  private static Source source(Path file) {
    return new Source(
        file.toString(), new String(ModelFiles.read(file, MAX_BYTES), StandardCharsets.UTF_8));
  }

  private static Map<String, String> specialTokens(ModelFiles files) {
    TokenizerConfig config = TokenizerConfig.read(files);
    TokenizerClass kind =
        config.className().flatMap(TokenizerClasses::named).orElse(TokenizerClasses.UNNAMED);
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String part : SpecialNames.PARTS) {
      config.names().text(part, kind).ifPresent(text -> tokens.put(part, text));
    }
    return tokens;
  }

  /** Their names, in the order of the files. */
  public List<String> names() {
    return List.copyOf(sources.keySet());
  }

  /**
   * The template that is taken where nobody names one; empty where the model has none.
   *
   * @throws ModelException if it is not supported, or the model has named ones only
   */
  public Optional<ChatTemplate> usual() {
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    if (!sources.containsKey(DEFAULT)) {
      throw new ModelException(
          "the model has chat templates %s and none named %s; name one with --chat-template"
              .formatted(names(), DEFAULT));
    }
    return named(DEFAULT);
  }

  /**
   * A template by its name; empty where there is none of this name.
   *
   * @throws ModelException if it is not supported
   */
  public Optional<ChatTemplate> named(String name) {
    return Optional.ofNullable(sources.get(name)).map(this::read);
  }

  /**
   * A template from a file of the user's, with the model's special tokens.
   *
   * @throws ModelException if it cannot be read or is not supported
   */
  public ChatTemplate ofFile(Path file) {
    Source source = source(file);
    if (OBJECT.matcher(source.text).find()) {
      throw new ModelException(
          "%s: expected a chat template, found a JSON object; give the model's folder as --model, or write its %s into a file of its own"
              .formatted(file, FIELD));
    }
    return read(source);
  }

  private ChatTemplate read(Source source) {
    return ChatTemplate.of(source.name, source.text, specialTokens);
  }
}
