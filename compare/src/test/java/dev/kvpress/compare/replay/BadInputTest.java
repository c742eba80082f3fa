package dev.kvpress.compare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines that are not as they should be get an answer that says so, and the others get theirs. */
class BadInputTest {
  private static final String GOOD =
      Cli.quoted("{'press':'knorm','compression_ratio':0.5,'inputs':{'keys':[[[[1],[2],[3]]]]}}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'press':'h20','inputs':{'keys':[[[[1]]]]}} | did you mean 'h2o'?
          {'press':'h2o(window=4)','inputs':{'keys':[[[[1]]]]}} | unknown parameter of h2o 'window'
          {'press':'h2o(','inputs':{'keys':[[[[1]]]]}} | press spec 'h2o('
          {'inputs':{'keys':[[[[1]]]]}} | press: expected the spec of a press, found nothing
          {'press':7,'inputs':{'keys':[[[[1]]]]}} | press: expected a spec such as
          {'press':'knorm'} | inputs: expected an object of tensors, found nothing
          {'press':'knorm','inputs':{}} | inputs: expected tensors that tell how many tokens there are
          {'press':'knorm','inputs':[1]} | inputs: expected an object of tensors, found a list
          {'press':'knorm','inputs':{'keyz':[[[[1]]]]}} | did you mean 'keys'?
          {'press':'knorm','compresion_ratio':0.5,'inputs':{}} | did you mean 'compression_ratio'?
          {'press':'knorm','compression_ratio':NaN,'inputs':{'keys':[[[[1]]]]}} | compression_ratio: expected the fraction removed, a number in [0, 1), found NaN
          {'press':'knorm','compression_ratio':'0.5','inputs':{'keys':[[[[1]]]]}} | compression_ratio: expected the fraction removed, a number in [0, 1), found "0.5"
          {'press':'knorm','compression_ratio':1.0,'inputs':{'keys':[[[[1]]]]}} | found 1.0
          {'press':'knorm','compression_ratio':-1,'inputs':{'keys':[[[[1]]]]}} | found -1
          {'press':'knorm','budget':0,'inputs':{'keys':[[[[1]]]]}} | budget: expected a whole number of at least 1, found 0
          {'press':'knorm','budget':1.5,'inputs':{'keys':[[[[1]]]]}} | budget: expected a whole number of at least 1, found 1.5
          {'press':'knorm','budget':1,'compression_ratio':0.5,'inputs':{'keys':[[[[1]]]]}} | expected one of them, found both
          {'press':'knorm','layer':2,'layers':2,'inputs':{'keys':[[[[1]]]]}} | layer: expected a number below layers=2, found 2
          {'press':'knorm','inputs':{'keys':[[[[1,2],[3]]]]}} | inputs.keys: expected shape [1][1][2][2] ([B][G][S][D]), found [1][1][2][1 to 2]
          {'press':'knorm','inputs':{'keys':[[[[1]],[[1],[2]]]]}} | inputs.keys: expected lists of one length at depth 2
          {'press':'knorm','inputs':{'keys':[[[1,2]]]}} | inputs.keys: expected lists [B][G][S][D], found 1 at depth 3
          {'press':'knorm','inputs':{'keys':[[[[[1]]]]]}} | inputs.keys: expected numbers
          {'press':'knorm','inputs':{'keys':[[[['x']]]]}} | found "x"
          {'press':'knorm','inputs':{'keys':[[[[null]]]]}} | found null
          {'press':'knorm','inputs':{'keys':[[[[1e39]]]]}} | inputs.keys: expected numbers within the range of float32, found 1e39
          {'press':'knorm','inputs':{'keys':[]}} | inputs.keys: expected at least one row and one head
          {'press':'knorm','inputs':{'keys':[[[]]]}} | inputs.keys: expected at least one token
          {'press':'knorm','inputs':{'keys':[[[[]]]]}} | inputs.keys: expected vectors of at least one number
          {'press':'knorm','inputs':{'keys':[[[['nan'],[1]]]]}} | the score of token 0 (layer 0, row 0, KV head 0) is not a number
          {'press':'knorm','inputs':{'attentions':[[[[1]]]]}} | press knorm needs inputs.keys [B][G][S][D], found none
          {'press':'snapkv','inputs':{'keys':[[[[1]]]]}} | press snapkv needs inputs.attentions [B][H][S][S] (or queries and keys), found none
          {'press':'tova','inputs':{'keys':[[[[1],[2]]]],'attentions':[[[[1]]]]}} | inputs.attentions: expected shape [1][1][2][2] ([B][H][S][S]), found [1][1][1][1]
          {'press':'knorm','inputs':{'keys':[[[[1]]]],'values':[[[[1],[2]]]]}} | inputs.values: expected shape [1][1][1][1]
          {'press':'tova','inputs':{'keys':[[[[1]],[[1]]]],'attentions':[[[[1]],[[1]],[[1]]]]}} | expected a number of query heads that the 2 KV heads of inputs.keys divide, found 3
          {'press':'knorm','press':'tova','inputs':{'keys':[[[[1]]]]}} | Duplicate field 'press'
          {'press':'knorm','inputs':{'keys':[[[[1]]]],'rope_theta':0}} | inputs.rope_theta: expected a number above 0, found 0
          [1,2] | expected one JSON object, found a list
          nonsense | expected one complete JSON object
          {'press':'knorm' | expected one complete JSON object
          {'press':'knorm','inputs':{'keys':[[[[1 | expected one complete JSON object
          {'press':'knorm','inputs':{'keys':[[[[1]]]]}} {} | expected nothing after the object
          """)
  void isAnsweredByAnErrorWithItsLine(String line, String expected) {
    Cli run = Cli.score(GOOD + "\n" + Cli.quoted(line) + "\n" + GOOD + "\n");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.lines()).hasSize(3);
    assertThat(run.answer(0).has("kept")).isTrue();
    assertThat(run.answer(1).get("error").asText()).startsWith("line 2: ").contains(expected);
    assertThat(run.answer(2)).isEqualTo(run.answer(0));
    assertThat(run.errors()).isEmpty();
  }

  @Test
  void survivesEndlessNesting() {
    String deep = "[".repeat(200_000);
    Cli run =
        Cli.score(
            Cli.quoted("{'press':'knorm','inputs':{'keys':%s\n".formatted(deep))
                + Cli.quoted("{'press':'knorm','inputs':{'random_sketch':%s\n".formatted(deep))
                + deep
                + "\n"
                + GOOD);
    assertThat(run.lines()).hasSize(4);
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.answer(3).has("kept")).isTrue();
  }

  @Test
  void answersBlankLinesBetweenOthersButNotAtTheEnd() {
    Cli run = Cli.score(GOOD + "\n\n  \n" + GOOD + "\n\n\n");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.lines()).hasSize(4);
    assertThat(run.answer(1).get("error").asText())
        .isEqualTo("line 2: expected one JSON object, found a blank line");
    assertThat(run.answer(2).get("error").asText()).startsWith("line 3: ");
    assertThat(run.answer(3).has("kept")).isTrue();
  }

  @Test
  void endsWithTwoIfTheBatchCannotBeRead() {
    Cli absent = Cli.score("", "--batch", "no-such-file.jsonl");
    assertThat(absent.exitCode()).isEqualTo(2);
    assertThat(absent.errors().lines())
        .containsExactly(
            "compare: --batch: expected a file of JSON lines (or - for standard input), but no-such-file.jsonl does not exist; check the path");
    assertThat(Cli.score("", "--batch", "-", "--h2o-local-window-size", "-1").exitCode())
        .isEqualTo(2);
    assertThat(Cli.score("", "--batch", "-", "--threshold", "nan").exitCode()).isEqualTo(2);
    assertThat(Cli.score("", "--seed", "3").exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'press':'knorm','steps':[]} | steps: expected a list of at least one step
          {'press':'knorm','steps':{}} | steps: expected a list of steps, found an object
          {'press':'knorm','inputs':{}} | unknown field 'inputs'
          {'press':'knorm','steps':[{'keys':[[[[1]]]]},7]} | steps[1]: expected an object of tensors, found 7
          {'press':'knorm','steps':[{'keys':[[[[1]]]]},{'keys':[[[[1,2]]]]}]} | steps[1].keys: expected a head size of 1 as in the steps before, found 2
          {'press':'knorm','steps':[{'values':[[[[1]]]]},{'keys':[[[[1]]]]}]} | steps[1].keys: expected none, since an earlier step gave none
          {'press':'h2o(hh_size=1,recent_size=1)','steps':[{'keys':[[[[1]]]],'attentions':[[[[1]]]]},{'keys':[[[[1]]]]}]} | press h2o(hh_size=1,recent_size=1) needs steps[1].attentions [B][H][Q][slots]
          {'press':'tova','compression_ratio':0.5,'steps':[{'keys':[[[[1]]]],'attentions':[[[[1,2]]]]}]} | steps[0].attentions: expected shape [1][1][1][1] ([B][H][Q][slots]), found [1][1][1][2]
          """)
  void namesTheStepOfAReplay(String line, String expected) {
    Cli run = Cli.replay(Cli.quoted(line));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.answer(0).get("error").asText()).startsWith("line 1: ").contains(expected);
  }
}
