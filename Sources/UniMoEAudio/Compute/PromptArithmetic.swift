/// How the products of a prompt are computed. Steps always compute exactly.
public enum PromptArithmetic: String, CaseIterable, Sendable {
  /// Activations stay float32: the reference's results to 1e-4.
  case exact
  /// Products with bf16 weights round their activations to bfloat16, 8 significant bits, and sum in float32: about twice
  /// as fast where the processor has AVX-512 BF16 or AMX, else as `exact`. What the prompt leaves behind is then as exact as
  /// in a model run in bfloat16, so other codes may be drawn; on one machine the same request still gives the same samples
  /// on any number of threads and in any batch. Routing of experts, attention and weights of other types stay float32.
  case bfloat16
}
