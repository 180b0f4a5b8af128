import Models
import Translation

extension CycleGANRequest {
  fileprivate var countA: ChannelCount {
    get { ChannelCount(channelsA) }
    set { channelsA = newValue.count }
  }

  fileprivate var countB: ChannelCount {
    get { ChannelCount(channelsB) }
    set { channelsB = newValue.count }
  }

  /// The options that the four networks are made by.
  /// - Parameter preset: whose settings they have where they are not given; `nil` for that of an option.
  static func networkRows(preset: CycleGANPreset?) -> [Option<CycleGANRequest>] {
    func usual(_ setting: (CycleGANPreset.Settings) -> String) -> String {
      preset.map { setting($0.settings(for: .resnet9)) } ?? "by --preset"
    }
    return [
      .choice(
        "generator", "name", "architecture of the generators", \.configuration.networks.generator,
        synonyms: [
          "resnet-9blocks": .resnet9, "resnet-6blocks": .resnet6, "unet-256": .unet256,
          "unet-128": .unet128,
        ]
      ).alias("netg", "net-g", "which-model-netg"),
      .value(
        "generator-filters", "count", "channels of the generator's first layer",
        \.configuration.networks.generatorFilters, in: 1...4096
      ).alias("ngf"),
      .value(
        "blocks", "count", "residual blocks of a ResNet", \.blocks,
        in: 1...1000, default: "as in its name"),
      .choice(
        "skips", "kind",
        "features of the first layers that a ResNet adds to those of its last ones",
        \.skips, default: usual(\.skips.rawValue)),
      .choice(
        "upsampling", "kind", "how a ResNet comes back to the size of the image", \.upsampling,
        default: usual(\.upsampling.rawValue)),
      .choice(
        "discriminator", "name", "architecture of the discriminators",
        \.configuration.networks.discriminator,
        synonyms: ["basic": .patch, "n-layers": .patch]
      ).alias("netd", "net-d", "which-model-netd"),
      .value(
        "discriminator-layers", "count",
        "layers of a patch discriminator; with 3 it sees 70x70 pixels",
        \.configuration.networks.discriminatorLayers, in: 1...10
      ).alias("n-layers-d"),
      .value(
        "discriminator-filters", "count", "channels of the discriminator's first layer",
        \.configuration.networks.discriminatorFilters, in: 1...4096
      ).alias("ndf"),
      .choice("norm", "kind", "normalization layers", \.configuration.networks.normalization),
      .flag(
        "spectral-norm", "divide the discriminators' weights by their largest singular values",
        \.configuration.networks.spectralNorm),
      .flag("dropout", "use dropout in the generators", \.configuration.networks.dropout),
      .flag(
        "no-dropout", "use no dropout, which is the default", \.configuration.networks.dropout,
        sets: false
      ).hidden(),
      .choice(
        "init", "method", "distribution of the initial weights",
        \.configuration.networks.initialization
      ).alias("init-type"),
      .value(
        "init-gain", "scale", "scale of the initial weights",
        \.configuration.networks.initializationGain,
        in: Bounds.above(0)),
      .value(
        "channels-a", "count", "channels of A's images, 1 to 64; auto takes what the files have",
        \.countA
      ).alias("input-nc"),
      .value("channels-b", "count", "the same for B", \.countB).alias("output-nc"),
    ]
  }
}
