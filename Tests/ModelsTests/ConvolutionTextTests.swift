import Models
import Testing
import Torch

/// What `bench` and `inspect` say about the convolutions on this CPU.
@Suite(.enabled(if: Backend.convolutionLibrary != nil))
struct ConvolutionTextTests {
  @Test func saysWhyLoopsAreNotParallel() {
    let configuration = GeneratorConfiguration()
    let without = configuration.convolutions(on: .cpu, side: 256, loopObstacle: nil)
    let with = configuration.convolutions(
      on: .cpu, side: 256, loopObstacle: "the OpenMP runtime has no GOMP_parallel")
    #expect(!without.contains("thread"))
    #expect(
      with == without
        + "; loops over feature maps on one thread: the OpenMP runtime has no GOMP_parallel")
  }

  @Test(arguments: [
    (64, Normalization.instance, nil), (24, .instance, "16 or 32 filters instead of 24"),
    (8, .instance, nil), (64, .batch, "instance norm instead of batch norm"),
  ])
  func saysWhatWouldBeFast(_ filters: Int, _ normalization: Normalization, _ remedy: String?) {
    var configuration = GeneratorConfiguration()
    configuration.baseChannels = filters
    configuration.normalization = normalization
    #expect(configuration.remedyForSlowConvolutions(on: .cpu) == remedy)
  }
}
