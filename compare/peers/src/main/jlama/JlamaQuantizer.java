import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.SafeTensorSupport;
import dev.kvpress.compare.bench.Figures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Child process: lets Jlama write a model with smaller weights, the embedding's too. */
public final class JlamaQuantizer {
  private JlamaQuantizer() {}

  /** Arguments: type, model folder, folder to write. */
  public static void main(String[] args) throws Exception {
    Path written =
        SafeTensorSupport.quantizeModel(
            Path.of(args[1]), DType.valueOf(args[0]), null, null, Optional.of(Path.of(args[2])));
    double bytes = Files.size(written.resolve("model.safetensors"));
    System.out.println(new Figures(Map.of("bytes", bytes)).toLine());
  }
}
