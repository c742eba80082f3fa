package dev.kvpress.runtime.graph.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.ExternalData;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.graph.ZooGraph;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedCopyTest {
  private final OrtSessionFactory sessions = new OrtSessionFactory(Provider.CPU, 0, 1);
  private final WeightPacker packer = sessions.packer().orElseThrow();

  @TempDir Path folder;

  private static TappedGraph graph(Path file) {
    return GraphTap.tap(DecoderGraph.read(file), TapRequest.NONE);
  }

  private static TappedGraph zoo() {
    return graph(ZooGraph.named("nbits4").path());
  }

  /** A checkpoint of ours as one file with everything inside. */
  private Path inside() throws IOException {
    Path file = folder.resolve("inside.onnx");
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.llama().write(folder.resolve("model")));
    ModelExporter.export(
        checkpoint,
        file,
        new ExportOptions(
            AttentionForm.DECOMPOSED, TapRequest.NONE, 1 << 30, false, WeightFormat.INT4));
    return file;
  }

  private PackedCopy copy(TappedGraph graph) throws IOException {
    return PackedCopy.of(graph, "hash", packer, folder.resolve("cache"), 0).orElseThrow();
  }

  private static List<StringStringEntryProto> packed(ModelProto model) {
    return Tensors.of(model).stream()
        .flatMap(tensor -> tensor.getExternalDataList().stream())
        .filter(entry -> entry.getKey().startsWith("prepacked"))
        .toList();
  }

  @Test
  void allPackableWeightsReferToRearrangedCopiesAndTheEngineLoadsThem() throws IOException {
    for (TappedGraph graph : List.of(zoo(), graph(inside()))) {
      TappedGraph under = copy(graph).under(graph);
      long nodes =
          graph.model().getGraph().getNodeList().stream().filter(PackableNode::isPackable).count();
      assertThat(nodes).isPositive();
      assertThat(packed(under.model()).size()).isGreaterThanOrEqualTo((int) nodes);
      sessions.open(under).close();
    }
  }

  @Test
  void bothGraphsOfAnExportReferToTheirCopiesAndOnlyTheCacheIsBelieved() throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    ExportedModel exported =
        ExportCache.of(folder.resolve("cache"))
            .export(model, WeightFormat.INT8, Optional.of(packer));
    for (Path file : List.of(exported.decomposed(), exported.fused())) {
      ModelProto own = GraphTap.tap(DecoderGraph.readOwn(file), TapRequest.NONE).model();
      assertThat(packed(own)).isNotEmpty();
      assertThat(packed(graph(file).model())).isEmpty();
    }
  }

  @Test
  void weightsThatAreNotCopiedAreReadWhereTheyLie() throws IOException {
    TappedGraph graph = zoo();
    TappedGraph under = copy(graph).under(graph);
    Path weights = graph.externalDataFolder().resolve("weights.bin").toAbsolutePath().normalize();
    assertThat(Tensors.of(under.model()))
        .filteredOn(ExternalData::isExternal)
        .extracting(tensor -> ExternalData.resolve(tensor, under.externalDataFolder()))
        .contains(weights)
        .anyMatch(file -> file.startsWith(folder.resolve("cache")));
  }

  @Test
  void smallWeightsAreLeftAlone() throws IOException {
    assertThat(PackedCopy.of(zoo(), "hash", packer, folder, PackedCopy.WORTH_BYTES)).isEmpty();
    TappedGraph wide = graph(ZooGraph.named("optimum").path());
    assertThat(PackedCopy.of(wide, "hash", packer, folder, 0)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theSecondCallWritesNothingAndContentDecides() throws IOException {
    PackedCopy first = copy(zoo());
    FileTime written = Files.getLastModifiedTime(first.folder().resolve("weights.bin"));
    PackedCopy second = copy(zoo());
    assertThat(second.folder()).isEqualTo(first.folder());
    assertThat(Files.getLastModifiedTime(first.folder().resolve("weights.bin"))).isEqualTo(written);
    PackedCopy other =
        PackedCopy.of(zoo(), "another", packer, folder.resolve("cache"), 0).orElseThrow();
    assertThat(other.folder()).isNotEqualTo(first.folder());
    assertThat(copy(graph(inside())).folder()).isNotEqualTo(first.folder());
  }

  @Test
  void damagedCopiesAreMadeAnewAndAbandonedOnesRemoved() throws IOException {
    Path old = Files.createDirectories(folder.resolve("cache/0123456789abcdef.building1"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(100_000)));
    Path copied = copy(zoo()).folder();
    byte[] weights = Files.readAllBytes(copied.resolve("weights.bin"));
    byte[] references = Files.readAllBytes(copied.resolve("references.pb"));
    assertThat(old).doesNotExist();
    Files.write(copied.resolve("weights.bin"), new byte[10]);
    copy(zoo());
    assertThat(copied.resolve("weights.bin")).hasBinaryContent(weights);
    Files.write(copied.resolve("references.pb"), new byte[] {1, 2, 3});
    copy(zoo());
    assertThat(copied.resolve("references.pb")).hasBinaryContent(references);
    Files.delete(copied.resolve("weights.bin"));
    copy(zoo());
    assertThat(copied.resolve("weights.bin")).hasBinaryContent(weights);
  }

  @Test
  void aCopyThatFailsLeavesNothing() throws IOException {
    WeightPacker failing =
        new WeightPacker() {
          @Override
          public String fingerprint() {
            return "failing";
          }

          @Override
          public List<Packed> pack(
              dev.kvpress.runtime.onnx.NodeProto node,
              List<dev.kvpress.runtime.onnx.TensorProto> constants,
              Path from,
              Path scratch)
              throws IOException {
            throw new IOException("the disk is full");
          }
        };
    Path cache = folder.resolve("cache");
    assertThatThrownBy(() -> PackedCopy.of(zoo(), "hash", failing, cache, 0))
        .hasMessage("the disk is full");
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void manyAtOnceMakeOneCopy() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Callable<Path> make = () -> copy(zoo()).folder();
      List<Future<Path>> all = pool.invokeAll(List.of(make, make, make, make));
      for (Future<Path> one : all) {
        assertThat(one.get()).isEqualTo(all.get(0).get());
      }
    } finally {
      pool.shutdown();
    }
    try (var entries = Files.list(folder.resolve("cache"))) {
      assertThat(entries).hasSize(1);
    }
  }

  @Test
  void weightsOfBodiesAreFoundInTheirScope() {
    ModelProto model = zoo().model();
    GraphProto body = model.getGraph();
    GraphBuilder outer = new GraphBuilder();
    outer.input("cond", ElementType.BOOL);
    outer.op("If", "y", List.of(GraphBuilder.attribute("then_branch", body)), "cond");
    List<PackableNode> nodes = PackableNode.of(outer.build("outer"));
    assertThat(nodes).isNotEmpty().isEqualTo(PackableNode.of(body));
    assertThat(PackedWeights.wants(outer.build("outer"))).isTrue();
    // The same weights standing outside of the body.
    GraphProto bare = body.toBuilder().clearInitializer().build();
    GraphBuilder holding = new GraphBuilder();
    body.getInitializerList().forEach(holding::initializer);
    holding.op("If", "y", List.of(GraphBuilder.attribute("then_branch", bare)), "cond");
    assertThat(PackableNode.of(holding.build("holding"))).isEqualTo(nodes);
  }
}
