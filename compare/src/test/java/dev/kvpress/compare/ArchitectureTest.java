package dev.kvpress.compare;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.Tokenizer;

/** Who may import whom. */
@AnalyzeClasses(
    packages = "dev.kvpress",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
  /** Tests of other modules come as jars once they are packed. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule pressesKnowNoEngineNoFilesAndNoLogging =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.presses..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "ai.onnxruntime..",
              "java.io..",
              "java.nio.file..",
              "java.nio.channels..",
              "java.util.logging..",
              "org.slf4j..",
              "com.fasterxml..");

  @ArchTest
  static final ArchRule pressesKnowNothingOfTheOthers =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.presses..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.kvpress.runtime..", "dev.kvpress.compare..", "dev.kvpress.testdata..");

  @ArchTest
  static final ArchRule runtimeKnowsNothingOfCompare =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.kvpress.compare..", "dev.kvpress.testdata..", "picocli..");

  @ArchTest
  static final ArchRule onlyOnePackageTalksToOnnxRuntime =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kvpress.runtime.ort..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest
  static final ArchRule generationKnowsNoProtocol =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.runtime.generate..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.javalin..",
              "jakarta.servlet..",
              "org.eclipse.jetty..",
              "java.net..",
              "com.sun.net.httpserver..",
              "dev.langchain4j..",
              "dev.kvpress.runtime.langchain4j..");

  @ArchTest
  static final ArchRule onlyOnePackageKnowsLangChain4j =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kvpress.runtime.langchain4j..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.langchain4j..", "dev.kvpress.runtime.langchain4j..");

  @ArchTest
  static final ArchRule metersAreALeaf =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kvpress.runtime.generate.metrics..")
          .and()
          .resideInAPackage("dev.kvpress.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "dev.kvpress.runtime.generate.metrics..");

  @ArchTest
  static final ArchRule decodingKnowsNothingOfGeneration =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.kvpress.runtime.decode..",
              "dev.kvpress.runtime.text..",
              "dev.kvpress.runtime.saved..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.kvpress.runtime.generate..");

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsPicocli =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.kvpress.compare.run..",
              "dev.kvpress.compare.report..",
              "dev.kvpress.compare.data..",
              "dev.kvpress.presses..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("picocli..", "dev.kvpress.compare.cli..");

  @ArchTest
  static final ArchRule theEndpointKnowsModelsByThePublicGenerationOnly =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.compare.serve..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.kvpress.runtime..")
                  .and(not(resideInAPackage("dev.kvpress.runtime.generate..")))
                  .and(not(resideInAPackage("dev.kvpress.runtime.saved..")))
                  .and(not(resideInAPackage("dev.kvpress.runtime.text.chat..")))
                  .and(not(equivalentTo(Tokenizer.class)))
                  .and(not(equivalentTo(ModelException.class))));

  @ArchTest
  static final ArchRule theEndpointKnowsNothingOfTasksAndCommands =
      noClasses()
          .that()
          .resideInAPackage("dev.kvpress.compare.serve..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.kvpress.compare.cli..",
              "dev.kvpress.compare.run..",
              "dev.kvpress.compare.task..",
              "dev.kvpress.compare.data..",
              "dev.kvpress.compare.report..");

  @ArchTest
  static final ArchRule onlyTheEndpointKnowsHttpServers =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.kvpress.compare.serve.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..", "kotlin..");

  @ArchTest
  static final ArchRule whatIsAnsweredKnowsNoHttp =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.kvpress.compare.serve.answer..",
              "dev.kvpress.compare.serve.ask..",
              "dev.kvpress.compare.serve.model..",
              "dev.kvpress.compare.serve.wire..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.kvpress.compare.serve.http..", "java.net.http..");

  @ArchTest
  static final ArchRule stationsOfCompareHaveNoCycles =
      slices().matching("dev.kvpress.compare.(*)..").should().beFreeOfCycles();
}
