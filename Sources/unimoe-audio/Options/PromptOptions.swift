import ArgumentParser
import UniMoEAudio

/// How the prompt is computed.
struct PromptOptions: ParsableArguments {
  @Flag(
    help: """
      Round the prompt's activations to bfloat16: about twice as fast for long prompts where model and processor allow \
      it, but other codes may be drawn.
      """)
  var fastPrompt = false

  /// The engine's word for it.
  var arithmetic: PromptArithmetic { fastPrompt ? .bfloat16 : .exact }
}
