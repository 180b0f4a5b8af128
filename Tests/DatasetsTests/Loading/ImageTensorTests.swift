import Datasets
import Imaging
import TestSupport
import Testing
import Torch

/// Levels to numbers in [-1, 1] and back.
struct ImageTensorTests {
  private let allLevels = Image(
    height: 16, width: 16, channels: 1, pixels: (0...255).map(UInt8.init))

  /// Level n is n / 127.5 - 1; a rounding of float32 or two.
  @Test func levelsSpreadEvenly() {
    let tensor = Tensor(images: [allLevels])
    #expect(tensor.shape == [1, 1, 16, 16])
    let expected = (0...255).map { Float(Double($0) / 127.5 - 1) }
    expectClose(tensor.elements, expected, tolerance: 2e-7)
    #expect(tensor.elements.first == -1)
    #expect(tensor.elements.last == 1)
  }

  @Test func all256LevelsComeBack() {
    #expect(Tensor(images: [allLevels]).images() == [allLevels])
  }

  /// Of images side by side, alike or not, each is what it is alone: red, green and blue are planes.
  @Test func imagesDoNotMix() {
    let first = Image(height: 1, width: 2, channels: 3, pixels: [0, 255, 0, 255, 0, 0])
    let second = Image(height: 1, width: 2, channels: 3, pixels: [255, 0, 255, 0, 0, 0])
    #expect(
      Tensor(images: [first, second]).elements == [-1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1, -1])
    var half = second
    half.range = ValueRange(0, 510)
    let mixed = [
      first, half,
      Image(height: 1, width: 2, channels: 3, samples: .float([1, 0, 1, 0, 0, 0])),
    ]
    #expect(
      Tensor(images: mixed).elements == [
        -1, 1, 1, -1, -1, -1, 0, -1, -1, -1, 0, -1, 1, -1, -1, -1, 1, -1,
      ])
  }

  @Test func all65536LevelsComeBack() {
    let image = Image(
      height: 256, width: 256, channels: 1, samples: .sixteenBit((0...65535).map(UInt16.init)))
    #expect(Tensor(images: [image]).images(bitDepth: 16) == [image])
  }

  /// The values between black and white are spread over [-1, 1], whatever their type: -1024 is -1, 3071 is 1, and
  /// 1023.5 lies in the middle.
  @Test func aRangeDecidesWhatIsBlackAndWhite() {
    let hounsfield = ValueRange(-1024, 3071)
    let image = Image(
      height: 1, width: 3, channels: 1, samples: .float([-1024, 1023.5, 3071]), range: hounsfield)
    let tensor = Tensor(images: [image])
    #expect(tensor.elements == [-1, 0, 1])
    #expect(tensor.images(bitDepth: 32, range: hounsfield) == [image])
    // Half of 8 bits: 127.5 is white.
    let dark = Image(
      height: 1, width: 2, channels: 1, samples: .eightBit([0, 51]), range: ValueRange(0, 127.5))
    expectClose(Tensor(images: [dark]).elements, [-1, -0.2], tolerance: 2e-7)
  }

  @Test func all4096LevelsOf12BitsComeBack() {
    let range = ValueRange(0, 4095)
    let image = Image(
      height: 64, width: 64, channels: 1, samples: .sixteenBit((0...4095).map(UInt16.init)),
      range: range)
    #expect(Tensor(images: [image]).images(bitDepth: 16, range: range) == [image])
    // What lies beyond is clamped.
    let beyond = Tensor([-1.5, 1.5], shape: [1, 1, 1, 2]).images(bitDepth: 16, range: range)
    #expect(beyond[0].samples == .sixteenBit([0, 4095]))
  }

  @Test func anyNumberOfChannelsBecomesPlanes() {
    let image = Image(
      height: 1, width: 2, channels: 5, samples: .float([0, 1, 2, 3, 4, 10, 11, 12, 13, 14]),
      hasAlpha: false, range: ValueRange(-1, 1))
    let tensor = Tensor(images: [image])
    #expect(tensor.shape == [1, 5, 1, 2])
    #expect(tensor.elements == [0, 10, 1, 11, 2, 12, 3, 13, 4, 14])
    #expect(tensor.images(bitDepth: 32, range: ValueRange(-1, 1)) == [image])
  }

  /// Interleaved pixels become planes: the first plane is every third sample.
  @Test func channelsBecomePlanes() {
    let image = Image(height: 1, width: 2, channels: 3, pixels: [0, 51, 102, 153, 204, 255])
    let tensor = Tensor(images: [image])
    #expect(tensor.shape == [1, 3, 1, 2])
    expectClose(tensor.elements, [-1, 0.2, -0.6, 0.6, -0.2, 1], tolerance: 2e-7)
    #expect(tensor.images() == [image])
  }

  @Test func batchesKeepTheirOrder() {
    let images = (0..<3).map { makeImage($0, height: 5, width: 7) }
    let tensor = Tensor(images: images)
    #expect(tensor.shape == [3, 3, 5, 7])
    #expect(tensor.images() == images)
  }

  /// The ends of the range, numbers beyond them, and numbers between two levels: 0.001 is 127.63.
  @Test func otherNumbersAreClampedAndRounded() {
    let tensor = Tensor([-1, 1, -7, .infinity, -.infinity, 0.001], shape: [1, 1, 1, 6])
    let expected = Image(height: 1, width: 6, channels: 1, pixels: [0, 255, 0, 255, 0, 128])
    #expect(tensor.images() == [expected])
  }

  @Test(arguments: [8, 16]) func whatIsNotANumberGivesAImage(bitDepth: Int) {
    let tensor = Tensor([.nan, 1], shape: [1, 1, 1, 2])
    let images = tensor.images(bitDepth: bitDepth)
    #expect(images.map(\.width) == [2])
    #expect(images.map(\.bitDepth) == [bitDepth])
  }
}
