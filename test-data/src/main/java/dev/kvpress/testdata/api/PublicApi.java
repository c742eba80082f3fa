package dev.kvpress.testdata.api;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What others may compile against: public types of a folder of classes with their public and
 * protected members, one line each. Left out is what every type has ({@code toString} and its like,
 * {@code values} of an enum, accessors of a record, which its first line names).
 */
public final class PublicApi {
  /** Packages with this part in their name are nobody's to compile against. */
  public static final String INTERNAL = "internal";

  private static final Pattern OF_JAVA_LANG = Pattern.compile("\\bjava\\.lang\\.(?=[A-Z])");
  private static final Set<String> OF_ALL = Set.of("equals", "hashCode", "toString");
  private static final Set<String> OF_ENUMS = Set.of("values", "valueOf");
  private static final int TOLD =
      Modifier.PUBLIC | Modifier.PROTECTED | Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL;

  private final Set<String> leftOut;
  private final Map<String, String> lines = new TreeMap<>();

  private PublicApi(Set<String> leftOut) {
    this.leftOut = leftOut;
  }

  /**
   * The lines of a folder of classes, which must be on the class path.
   *
   * @param classes folder in which packages begin
   * @param leftOut packages of generated classes
   * @return sorted
   */
  public static List<String> of(Path classes, Set<String> leftOut) {
    PublicApi api = new PublicApi(leftOut);
    try (Stream<Path> files = Files.walk(classes)) {
      files
          .map(file -> classes.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(file -> file.substring(0, file.length() - 6).replace('/', '.').replace('\\', '.'))
          .map(PublicApi::load)
          .filter(api::isOpen)
          .forEach(api::addType);
    } catch (IOException e) {
      throw new UncheckedIOException("the classes of " + classes + " cannot be read", e);
    }
    return api.lines.entrySet().stream()
        .map(line -> readable(line.getKey() + " : " + line.getValue()))
        .sorted()
        .toList();
  }

  /** As sources write it: nested types behind a dot, {@code java.lang} left out. */
  private static String readable(String line) {
    return OF_JAVA_LANG.matcher(line).replaceAll("").replace('$', '.');
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicApi.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(name + " must be on the class path", e);
    }
  }

  /** Whether others can name a type. */
  private boolean isOpen(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isOpen(type.getModifiers())
        && !type.isAnonymousClass()
        && !type.isLocalClass()
        && (outer == null
            ? !leftOut.contains(type.getPackageName())
                && !List.of(type.getPackageName().split("\\.")).contains(INTERNAL)
            : isOpen(outer));
  }

  private static boolean isOpen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private void addType(Class<?> type) {
    lines.put(type.getName(), head(type));
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isOpen(constructor.getModifiers()) && !isCanonical(constructor)) {
        lines.put(
            type.getName() + ".new" + parameters(constructor),
            modifiers(constructor) + "constructor" + thrown(constructor));
      }
    }
    addMembers(type, type);
  }

  /** Members of a type, and those that it has from types which others cannot name. */
  private void addMembers(Class<?> type, Class<?> from) {
    for (Field field : from.getDeclaredFields()) {
      if (isOpen(field.getModifiers()) && !field.isSynthetic()) {
        lines.putIfAbsent(
            type.getName() + "." + field.getName(),
            field.isEnumConstant()
                ? "enum constant"
                : modifiers(field.getModifiers()) + text(field.getAnnotatedType()));
      }
    }
    for (Method method : from.getDeclaredMethods()) {
      if (isOpen(method.getModifiers()) && !method.isSynthetic() && !isImplied(method)) {
        lines.putIfAbsent(
            type.getName() + "." + method.getName() + parameters(method),
            modifiers(method) + text(method.getAnnotatedReturnType()) + thrown(method));
      }
    }
    supertypes(from)
        .filter(other -> isOurs(other) && !isOpen(other))
        .forEach(hidden -> addMembers(type, hidden));
  }

  private static boolean isOurs(Class<?> type) {
    return type.getName().startsWith("dev.kvpress.");
  }

  private static Stream<Class<?>> supertypes(Class<?> type) {
    return Stream.concat(
        Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()));
  }

  private static boolean isImplied(Method method) {
    Class<?> type = method.getDeclaringClass();
    String name = method.getName();
    if (type.isRecord()) {
      boolean isAccessor =
          Arrays.stream(type.getRecordComponents())
              .anyMatch(component -> method.equals(component.getAccessor()));
      return isAccessor || isOfAll(method);
    }
    return (type.isEnum() && OF_ENUMS.contains(name)) || isOfAll(method);
  }

  private static boolean isOfAll(Method method) {
    int parameters = method.getName().equals("equals") ? 1 : 0;
    return OF_ALL.contains(method.getName()) && method.getParameterCount() == parameters;
  }

  private static boolean isCanonical(Constructor<?> constructor) {
    Class<?> type = constructor.getDeclaringClass();
    return type.isRecord()
        && Arrays.equals(
            constructor.getParameterTypes(),
            Arrays.stream(type.getRecordComponents()).map(c -> c.getType()).toArray());
  }

  private String head(Class<?> type) {
    boolean isPlain = !type.isInterface() && !type.isEnum() && !type.isRecord();
    StringBuilder head = new StringBuilder();
    // All modifiers of the others are implied by what they are.
    head.append(
        modifiers(isPlain ? type.getModifiers() : type.getModifiers() & Modifier.PROTECTED));
    head.append(type.isSealed() && !type.isEnum() ? "sealed " : "").append(kind(type));
    head.append(variables(type.getTypeParameters()));
    if (type.isRecord()) {
      head.append(
          Arrays.stream(type.getRecordComponents())
              .map(c -> text(c.getAnnotatedType()) + " " + c.getName())
              .collect(joining(", ", "(", ")")));
    }
    List<String> above = openSupertypes(type).distinct().toList();
    head.append(above.isEmpty() ? "" : " is " + String.join(", ", above));
    return head.toString();
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "annotation";
    }
    return type.isInterface()
        ? "interface"
        : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
  }

  /** Supertypes with their arguments; in place of one that others cannot name, those above it. */
  private Stream<String> openSupertypes(Class<?> type) {
    Stream<Type> above =
        Stream.concat(
            Stream.ofNullable(type.getGenericSuperclass()),
            Arrays.stream(type.getGenericInterfaces()));
    return above.flatMap(
        each -> {
          Class<?> raw = rawOf(each);
          if (isOurs(raw) && !isOpen(raw)) {
            return openSupertypes(raw);
          }
          boolean implied = raw == Object.class || raw == Record.class || raw == Enum.class;
          return implied ? Stream.empty() : Stream.of(each.getTypeName());
        });
  }

  private static Class<?> rawOf(Type type) {
    return type instanceof ParameterizedType of ? (Class<?>) of.getRawType() : (Class<?>) type;
  }

  private static String parameters(Executable executable) {
    return Arrays.stream(executable.getAnnotatedParameterTypes())
        .map(PublicApi::text)
        .collect(joining(", ", "(", ")"));
  }

  private static String modifiers(Executable executable) {
    String variables = variables(executable.getTypeParameters());
    boolean isDefault = executable instanceof Method method && method.isDefault();
    return modifiers(executable.getModifiers())
        + (isDefault ? "default " : "")
        + (variables.isEmpty() ? "" : variables + " ");
  }

  private static String modifiers(int modifiers) {
    String text = Modifier.toString(modifiers & TOLD & ~Modifier.PUBLIC);
    return text.isEmpty() ? "" : text + " ";
  }

  private static String variables(TypeVariable<?>[] variables) {
    return variables.length == 0
        ? ""
        : Arrays.stream(variables).map(PublicApi::variable).collect(joining(", ", "<", ">"));
  }

  private static String variable(TypeVariable<?> variable) {
    String bounds =
        Arrays.stream(variable.getBounds())
            .filter(bound -> bound != Object.class)
            .map(Type::getTypeName)
            .collect(joining(" & "));
    return variable.getName() + (bounds.isEmpty() ? "" : " extends " + bounds);
  }

  private static String thrown(Executable executable) {
    return executable.getExceptionTypes().length == 0
        ? ""
        : Arrays.stream(executable.getGenericExceptionTypes())
            .map(Type::getTypeName)
            .collect(joining(", ", " throws ", ""));
  }

  private static String text(AnnotatedType type) {
    return (type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "")
        + type.getType().getTypeName();
  }
}
