package dev.kvpress.runtime.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class OrtSessionFactoryTest {
  @Test
  void cudaThatIsNotThereIsRefusedWithTheFix() {
    assumeFalse(
        OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA),
        "this build has the CUDA provider");
    assertThatThrownBy(() -> new OrtSessionFactory(Provider.CUDA, 0, 0))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("provider cuda (device 0) is not available")
        .hasMessageContaining("mvn -Pcuda package")
        .hasMessageContaining("--provider cpu")
        .hasMessageNotContaining("\n");
  }

  @Test
  void librariesOfCudaThatAreMissingAreNamedAsTheProviderIsLinkedAgainstThem() {
    assertThat(CudaNeeds.fix("libcublasLt.so.12: cannot open shared object file"))
        .contains("NVIDIA driver", "CUDA 12", "libcudart.so.12", "libcurand.so.10")
        .contains("cuDNN 9 too if doctor says so");
  }

  @Test
  void theProcessorIsNamedWithoutDevice() {
    OrtSessionFactory sessions = new OrtSessionFactory(Provider.CPU, 0, 1);
    assertThat(sessions.provider()).isEqualTo("cpu");
    assertThat(sessions.version()).matches("\\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void tensorsMustLieInDirectMemoryOfTheirExactSize() {
    assertThat(HostTensor.allocate(ElementType.FLOAT32, 2, 0, 3).data().capacity()).isZero();
    assertThatThrownBy(() -> HostTensor.allocate(ElementType.INT64, 1 << 20, 1 << 10))
        .hasMessageContaining("2 GiB at most");
    assertThatThrownBy(
            () -> new HostTensor(ElementType.INT32, ByteBuffer.allocate(8), new long[] {2}))
        .hasMessageContaining("direct memory");
    assertThatThrownBy(
            () -> new HostTensor(ElementType.INT32, ByteBuffer.allocateDirect(8), new long[] {2}))
        .hasMessageContaining("native byte order");
    assertThatThrownBy(() -> HostTensor.allocate(ElementType.INT32, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
