import Datasets
import Imaging
import Torch

/// The image a run leaves with each snapshot: the same test images every time.
struct SampleSheet {
  let a: [Image]
  let b: [Image]

  /// Four rows: real, fake, reconstructed, identity. A's images come first, then B's. Gray images
  /// are shown as color.
  func draw(with trainer: CycleGANTrainer) -> Image {
    let columns =
      a.map { column($0, trainer.shownAB, trainer.shownBA, trainer.device) }
      + b.map { column($0, trainer.shownBA, trainer.shownAB, trainer.device) }
    return .grid((0..<4).map { row in columns.map { $0[row] } }, spacing: 4)
  }

  /// - Parameters:
  ///   - there: from the image's domain to the other.
  ///   - back: the way back; identity shows what it does to an image that needs no change.
  private func column(
    _ image: Image, _ there: any Module, _ back: any Module, _ device: Device
  ) -> [Image] {
    withoutGradients {
      let real = Tensor(images: [image]).moved(to: device)
      let fake = there(real, .inference)
      let reconstructed = back(fake, .inference)
      let takesSameChannels = fake.shape[1] == real.shape[1]
      let same = takesSameChannels ? back(real, .inference) : real
      return [real, fake, reconstructed, same].map {
        $0.moved(to: .cpu).images()[0].converted(toChannels: 3)
      }
    }
  }
}
