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

// NVIDIA=<folder site-packages/nvidia beside a CUDA build of PyTorch> lets training steps be recorded as CUDA graphs, and
// processes exchange gradients by NCCL. It needs the headers of NCCL and CUDA there; libtorch itself brings the
// libraries.
let nvidia = Context.environment["NVIDIA"]
let nvidiaCompilerFlags =
  nvidia.map {
    [
      "-DCYCLEGAN_CUDA", "-DCYCLEGAN_NCCL", "-isystem", "\($0)/nccl/include", "-isystem",
      "\($0)/cu13/include",
    ]
  } ?? []
let nvidiaLinkerFlags =
  nvidia.map {
    ["-ltorch_cuda", "-lc10_cuda", "-L\($0)/cu13/lib", "-Xlinker", "-l:libcudart.so.13"]
  } ?? []

// Warnings are errors where changes are checked, and nowhere else.
let isChecked = Context.environment["CI"] != nil
let cxxSettings =
  torchCompilerFlags + nvidiaCompilerFlags + (isChecked ? ["-Wall", "-Werror"] : [])
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
        .unsafeFlags(torchLinkerFlags + nvidiaLinkerFlags),
        .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    .target(name: "CCodec", cSettings: cSettings),
    .target(
      name: "CJPEG", dependencies: ["CCodec"], cSettings: cSettings,
      linkerSettings: [.linkedLibrary("jpeg")]),
    .target(
      name: "CPNG", dependencies: ["CCodec"], cSettings: cSettings,
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z")]),
    .target(
      name: "CTIFF", dependencies: ["CCodec"], cSettings: cSettings,
      linkerSettings: [.linkedLibrary("tiff")]),
    .target(
      name: "CWebP", dependencies: ["CCodec"], cSettings: cSettings,
      linkerSettings: [.linkedLibrary("webp"), .linkedLibrary("webpmux")]),
    .target(
      name: "CZlib", dependencies: ["CCodec"], cSettings: cSettings,
      linkerSettings: [.linkedLibrary("z")]),
    .target(name: "Machine"),
    .target(name: "Files", dependencies: ["Machine"]),
    .target(name: "Wording"),
    .target(name: "ProtocolBuffers"),
    .target(
      name: "Torch", dependencies: ["CCodec", "CTorch", "CZlib", "Files", "Machine", "Wording"]),
    .target(
      name: "Imaging",
      dependencies: ["CCodec", "CJPEG", "CPNG", "CTIFF", "CWebP", "Files", "Machine", "Wording"]),
    .target(
      name: "Datasets",
      dependencies: ["CCodec", "CZlib", "Files", "Imaging", "Machine", "Torch", "Wording"]),
    .target(name: "Models", dependencies: ["Files", "ProtocolBuffers", "Torch", "Wording"]),
    .target(
      name: "Training",
      dependencies: ["Datasets", "Files", "Imaging", "ProtocolBuffers", "Torch", "Wording"]),
    .target(
      name: "Translation",
      dependencies: [
        "Datasets", "Files", "Imaging", "Machine", "Models", "Torch", "Training", "Wording",
      ]),
    .target(
      name: "Synthesis",
      dependencies: ["Datasets", "Files", "Imaging", "Models", "Torch", "Training"]),
    .target(
      name: "Reporting", dependencies: ["Datasets", "Files", "Imaging", "Training"],
      // The program stays one file.
      resources: [.embedInCode("Page")]),
    .target(
      name: "Evaluation",
      dependencies: [
        "Datasets", "Files", "Imaging", "Models", "Torch", "Training", "Translation", "Wording",
      ]),
    .target(
      name: "Demo",
      dependencies: [
        "Datasets", "Evaluation", "Files", "Imaging", "Models", "Torch", "Training", "Translation",
        "Wording",
      ]),
    .target(
      name: "Benchmarks",
      dependencies: [
        "Datasets", "Files", "Models", "Synthesis", "Torch", "Training", "Translation",
      ]),
    .target(
      name: "Commands",
      dependencies: [
        "Benchmarks", "Datasets", "Demo", "Evaluation", "Files", "Imaging", "Machine", "Models",
        "Reporting", "Synthesis", "Torch", "Training", "Translation", "Wording",
      ]),
    .executableTarget(name: "cyclegan", dependencies: ["Commands"]),

    .target(
      name: "TestSupport",
      dependencies: [
        "CCodec", "CZlib", "Imaging", "Machine", "Synthesis", "Torch", "Training", "Translation",
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "MachineTests", dependencies: ["Machine", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(name: "WordingTests", dependencies: ["Wording"]),
    .testTarget(name: "ProtocolBuffersTests", dependencies: ["ProtocolBuffers"]),
    .testTarget(name: "CTorchTests", dependencies: ["CTorch"]),
    .testTarget(name: "TorchTests", dependencies: ["Files", "TestSupport", "Torch"]),
    .testTarget(
      name: "ImagingTests",
      dependencies: ["CJPEG", "CPNG", "Files", "Imaging", "Machine", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["CCodec", "CZlib", "Datasets", "Files", "Machine", "TestSupport"]),
    .testTarget(name: "ModelsTests", dependencies: ["Files", "Models", "TestSupport"]),
    .testTarget(name: "TrainingTests", dependencies: ["TestSupport", "Training"]),
    .testTarget(name: "TranslationTests", dependencies: ["Files", "TestSupport", "Translation"]),
    .testTarget(name: "SynthesisTests", dependencies: ["Files", "Synthesis", "TestSupport"]),
    .testTarget(name: "ReportingTests", dependencies: ["Reporting", "TestSupport"]),
    .testTarget(
      name: "EvaluationTests", dependencies: ["Evaluation", "Files", "TestSupport"]),
    .testTarget(name: "DemoTests", dependencies: ["Demo", "TestSupport"]),
    .testTarget(name: "CommandsTests", dependencies: ["Commands", "Files", "TestSupport"]),
  ],
  cxxLanguageStandard: .cxx17
)

for target in package.targets {
  target.swiftSettings = swiftSettings
}
