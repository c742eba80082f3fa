package dev.kvpress.testdata.api;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Public types and members without a Javadoc comment. Javadoc's own check of missing comments asks
 * for a {@code @param} and {@code @return} of everything as well, which here stand in the first
 * sentence, and so it is not used. What overrides has the comment of what it overrides.
 */
public final class MissingComments {
  private static final Set<Tree.Kind> INTERFACES =
      Set.of(Tree.Kind.INTERFACE, Tree.Kind.ANNOTATION_TYPE);

  private final DocTrees docs;
  private final CompilationUnitTree unit;
  private final List<String> missing;

  private MissingComments(DocTrees docs, CompilationUnitTree unit, List<String> missing) {
    this.docs = docs;
    this.unit = unit;
    this.missing = missing;
  }

  /**
   * Looks through sources.
   *
   * @param sources folder in which packages begin
   * @return a line for each, {@code File.java:line name}
   */
  public static List<String> in(Path sources) {
    List<String> missing = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (Stream<Path> files = Files.walk(sources);
        StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<Path> java = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(java));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        MissingComments comments = new MissingComments(docs, unit, missing);
        unit.getTypeDecls().forEach(type -> comments.look(new TreePath(unit), type, false));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the sources of " + sources + " cannot be read", e);
    }
    return missing;
  }

  private void look(TreePath above, Tree tree, boolean impliedPublic) {
    TreePath path = new TreePath(above, tree);
    if (tree instanceof ClassTree type && isOpen(type.getModifiers(), impliedPublic)) {
      require(path, type.getSimpleName().toString());
      boolean ofInterface = INTERFACES.contains(type.getKind());
      type.getMembers().forEach(member -> look(path, member, ofInterface));
    } else if (tree instanceof MethodTree method
        && isOpen(method.getModifiers(), impliedPublic)
        && !overrides(method)) {
      require(path, method.getName().toString());
    } else if (tree instanceof VariableTree field && isOpen(field.getModifiers(), impliedPublic)) {
      require(path, field.getName().toString());
    }
  }

  private static boolean isOpen(ModifiersTree modifiers, boolean impliedPublic) {
    Set<Modifier> flags = modifiers.getFlags();
    return flags.contains(Modifier.PUBLIC)
        || flags.contains(Modifier.PROTECTED)
        || (impliedPublic && !flags.contains(Modifier.PRIVATE));
  }

  private static boolean overrides(MethodTree method) {
    return method.getModifiers().getAnnotations().stream()
        .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
  }

  private void require(TreePath path, String name) {
    String comment = docs.getDocComment(path);
    if (comment == null || comment.isBlank()) {
      long line =
          unit.getLineMap()
              .getLineNumber(docs.getSourcePositions().getStartPosition(unit, path.getLeaf()));
      missing.add(Path.of(unit.getSourceFile().getName()).getFileName() + ":" + line + " " + name);
    }
  }
}
