package dev.kvpress.compare.shape.catalog;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.choice.Arc;
import dev.kvpress.compare.shape.choice.BoolQ;
import dev.kvpress.compare.shape.choice.Choices;
import dev.kvpress.compare.shape.choice.Copa;
import dev.kvpress.compare.shape.choice.H2oPrompts;
import dev.kvpress.compare.shape.choice.HellaSwag;
import dev.kvpress.compare.shape.choice.LoggedSamples;
import dev.kvpress.compare.shape.choice.LongBenchV2;
import dev.kvpress.compare.shape.choice.MathQa;
import dev.kvpress.compare.shape.choice.Mmlu;
import dev.kvpress.compare.shape.choice.OpenBookQa;
import dev.kvpress.compare.shape.choice.Piqa;
import dev.kvpress.compare.shape.choice.RequestLines;
import dev.kvpress.compare.shape.choice.Rte;
import dev.kvpress.compare.shape.choice.WinoGrande;
import dev.kvpress.compare.shape.dialogue.ScBench;
import dev.kvpress.compare.shape.question.Aime;
import dev.kvpress.compare.shape.question.Gsm8k;
import dev.kvpress.compare.shape.question.InfiniteBench;
import dev.kvpress.compare.shape.question.Kvpress;
import dev.kvpress.compare.shape.question.LongBench;
import dev.kvpress.compare.shape.question.Math500;
import dev.kvpress.compare.shape.question.Needle;
import dev.kvpress.compare.shape.question.Questions;
import dev.kvpress.compare.shape.question.RulerRows;
import dev.kvpress.compare.shape.question.ShortAnswers;
import dev.kvpress.compare.shape.question.Squad;
import dev.kvpress.compare.shape.summary.HelmRequests;
import dev.kvpress.compare.shape.summary.PlainSummaries;
import dev.kvpress.compare.shape.summary.Summaries;
import dev.kvpress.compare.shape.text.GovReport;
import dev.kvpress.compare.shape.text.PlainText;
import dev.kvpress.compare.shape.text.TokenIds;
import java.util.List;
import java.util.Optional;

/** The one list of data shapes. */
public final class Shapes {
  private static final ImmutableList<DataShape> ALL =
      ImmutableList.of(
          new PlainText(),
          new TokenIds(),
          new GovReport(),
          new ShortAnswers(),
          new Questions(),
          new Kvpress(),
          new LongBench(),
          new RulerRows(),
          new InfiniteBench(),
          new Needle(),
          new Squad(),
          new Gsm8k(),
          new Math500(),
          new Aime(),
          new Summaries(),
          PlainSummaries.xsum(),
          PlainSummaries.cnnDailyMail(),
          new HelmRequests(),
          new Choices(),
          new Copa(),
          new Piqa(),
          new OpenBookQa(),
          new Arc(),
          new Mmlu(),
          new BoolQ(),
          new WinoGrande(),
          new Rte(),
          new MathQa(),
          new HellaSwag(),
          new LongBenchV2(),
          new LoggedSamples(),
          new RequestLines(),
          new H2oPrompts(),
          new ScBench());

  private Shapes() {}

  /** All of them, in the order of listings. */
  public static List<DataShape> all() {
    return ALL;
  }

  /** The shape of a name, underscores taken as hyphens. */
  public static Optional<DataShape> find(String name) {
    String wanted = name.strip().replace('_', '-');
    return ALL.stream().filter(shape -> shape.card().name().equals(wanted)).findFirst();
  }
}
