/// Networks that people try here and that are none of this project's, by what their tensors are called.
package enum ForeignNetwork {
  /// What a file with tensors of these names is; nil if nothing is known about it.
  package static func words(for names: Set<String>) -> String? {
    func hold(_ part: String) -> Bool { names.contains { $0.contains(part) } }
    return table.first { $0.parts.contains(where: hold) }?.words
  }

  private static let table: [(parts: [String], words: String)] = [
    (
      ["model.diffusion_model.", "down_blocks.0.attentions.", "first_stage_model.", "lora_"],
      "a diffusion model (Stable Diffusion or a part of it), not a CycleGAN generator"
    ),
    (
      ["synthesis.b4.", "mapping.fc0.", "style.1.weight", "synthesis.input."],
      "a StyleGAN, not a CycleGAN generator"
    ),
    (
      [".filt"],
      "a generator of CUT with its blurring layers, which are not supported; train CUT with "
        + "--no_antialias and --no_antialias_up"
    ),
    (
      ["layer1.0.conv1.", "features.0.weight"],
      "a network that classifies images, not a CycleGAN generator"
    ),
  ]
}
