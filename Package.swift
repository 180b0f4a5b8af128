// swift-tools-version: 6.0
import PackageDescription

// The default libtorch is Debian 12's libtorch-dev, whose headers and libraries the compiler finds by
// itself. LIBTORCH=<folder with include/ and lib/> builds against another one, for example the folder
// site-packages/torch of a Python installation, CUDA builds included.
let libtorch = Context.environment["LIBTORCH"]

let torchHeaders =
  libtorch.map {
    ["-isystem", "\($0)/include", "-isystem", "\($0)/include/torch/csrc/api/include"]
  }
  ?? ["-isystem", "/usr/include/torch/csrc/api/include"]

// Hidden inlines keep the shim's copies of libtorch's inline functions from replacing the library's own.
let torchCompilerFlags =
  torchHeaders + ["-fvisibility=hidden", "-fvisibility-inlines-hidden"]

// --no-as-needed keeps libtorch.so, which nothing refers to but which loads the CUDA kernels.
let torchLinkerFlags =
  (libtorch.map { ["-L\($0)/lib", "-Xlinker", "-rpath", "-Xlinker", "\($0)/lib"] } ?? [])
  + ["-Xlinker", "--no-as-needed"]

// Warnings are errors where changes are checked, and nowhere else.
let isChecked = Context.environment["CI"] != nil
let cxxSettings = torchCompilerFlags + (isChecked ? ["-Wall", "-Werror"] : [])
let cSettings: [CSetting] = isChecked ? [.unsafeFlags(["-Wall", "-Werror"])] : []
let swiftSettings: [SwiftSetting] = isChecked ? [.unsafeFlags(["-warnings-as-errors"])] : []

let package = Package(
  name: "cyclegan",
  products: [.executable(name: "cyclegan", targets: ["cyclegan"])],
  targets: [
    .target(
      name: "CTorch",
      cxxSettings: [.headerSearchPath("."), .unsafeFlags(cxxSettings)],
      linkerSettings: [
        .unsafeFlags(torchLinkerFlags),
        .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    .target(name: "CJPEG", cSettings: cSettings, linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CPNG", cSettings: cSettings, linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CZlib", cSettings: cSettings, linkerSettings: [.linkedLibrary("z")]),
    .target(name: "Torch", dependencies: ["CTorch"]),
    .target(name: "Imaging", dependencies: ["CJPEG", "CPNG"]),
    .target(name: "Datasets", dependencies: ["CZlib", "Imaging", "Torch"]),
    .target(name: "Models", dependencies: ["Torch"]),
    .target(name: "Training", dependencies: ["Datasets", "Imaging", "Torch"]),
    .target(
      name: "Translation", dependencies: ["Datasets", "Imaging", "Models", "Torch", "Training"]),
    .target(
      name: "Synthesis", dependencies: ["Datasets", "Imaging", "Models", "Torch", "Training"]),
    .target(
      name: "Demo",
      dependencies: ["Datasets", "Imaging", "Models", "Torch", "Training", "Translation"]),
    .target(
      name: "Benchmarks",
      dependencies: ["Datasets", "Models", "Synthesis", "Torch", "Training", "Translation"]),
    .target(
      name: "Commands",
      dependencies: [
        "Benchmarks", "Datasets", "Demo", "Imaging", "Models", "Synthesis", "Torch", "Training",
        "Translation",
      ]),
    .executableTarget(name: "cyclegan", dependencies: ["Commands"]),

    .target(
      name: "TestSupport",
      dependencies: ["Imaging", "Synthesis", "Torch", "Training", "Translation"],
      path: "Tests/TestSupport"),
    .testTarget(name: "CTorchTests", dependencies: ["CTorch"]),
    .testTarget(name: "TorchTests", dependencies: ["TestSupport", "Torch"]),
    .testTarget(name: "ImagingTests", dependencies: ["CJPEG", "CPNG", "Imaging", "TestSupport"]),
    .testTarget(name: "DatasetsTests", dependencies: ["CZlib", "Datasets", "TestSupport"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "TestSupport"]),
    .testTarget(name: "TrainingTests", dependencies: ["TestSupport", "Training"]),
    .testTarget(name: "TranslationTests", dependencies: ["TestSupport", "Translation"]),
    .testTarget(name: "SynthesisTests", dependencies: ["Synthesis", "TestSupport"]),
    .testTarget(name: "DemoTests", dependencies: ["Demo", "TestSupport"]),
    .testTarget(name: "CommandsTests", dependencies: ["Commands", "TestSupport"]),
  ],
  cxxLanguageStandard: .cxx17
)

for target in package.targets {
  target.swiftSettings = swiftSettings
}
