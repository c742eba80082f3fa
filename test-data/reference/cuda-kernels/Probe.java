import ai.onnxruntime.*;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.kvpress.runtime.graph.kernels.*;
import dev.kvpress.runtime.onnx.ModelProto;
import java.nio.file.*;
import java.util.*;
public class Probe {
  public static void main(String[] a) throws Exception {
    OrtEnvironment env = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "x");
    try (var s = Files.list(Path.of(a[0]))) {
      for (Path p : s.sorted().toList()) {
        byte[] bytes=Files.readAllBytes(p);
        System.err.println("### "+p.getFileName()+" TABLE "+CudaKernels.fallbacks(ModelProto.parseFrom(bytes)));
        try (OrtSession.SessionOptions o = new OrtSession.SessionOptions()) {
          o.setIntraOpNumThreads(1);
          o.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_INFO);
          o.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
          try (OrtCUDAProviderOptions c = new OrtCUDAProviderOptions(0)) { o.addCUDA(c); }
          env.createSession(bytes, o).close();
        } catch (OrtException e) { System.err.println("### ERR "+String.valueOf(e.getMessage()).replace('\n',' ')); }
      }
    }
  }
}
