import Testing

@testable import Commands

/// The help screens of `autoencoder` as users read them.
@Suite struct AutoencoderHelpScreenTests {
  private func help(_ arguments: String...) -> String {
    let recording = Recording()
    #expect(CommandLineTool.cyclegan.run(arguments, recording.context) == .success)
    return recording.standardOutput
  }

  @Test func group() {
    let expected = """
      usage: cyclegan autoencoder <command> [options]

      Trains a variational or plain autoencoder and uses it.

      commands:
        train        trains an autoencoder on a folder, MNIST or CIFAR-10
        generate     generates images from random codes
        reconstruct  shows images beside what their codes are decoded to
        encode       writes the codes of images as CSV
        evaluate     measures how well a model describes images: ELBO and likelihood

      'cyclegan autoencoder <command> --help' shows the options of a command and their
      defaults.

      """
    #expect(help("autoencoder", "--help") == expected)
  }

  @Test func train() {
    let expected = """
      usage: cyclegan autoencoder train <data> [options]

      Trains an encoder that makes a few numbers of an image, its code, and a decoder
      that makes an image of a code. Of a variational one (VAE) a code is a
      distribution, and a random code decodes to a new image. The log shows the
      reconstruction and the divergence of codes from N(0, 1) apart, in nats an image.
      The run's weights, samples and metrics go to <checkpoints-dir>/<name>.

      arguments:
        <data>                      a folder of JPEG, PNG and WebP images; or one with
                                    MNIST's four files or CIFAR-10's binary batches.
                                    Not needed with --resume.

      run:
        --name <name>               name of the run, which is its folder in
                                    --checkpoints-dir (default: autoencoder)
        --checkpoints-dir <folder>  folder that holds the runs (default: checkpoints)
        --resume                    continue from the run's latest snapshot
        --on-alarm <what>           what an alarm does, such as a collapse; restart
                                    begins anew with the next seed, if it is early and
                                    the alarm is one of chance: warn, stop, restart
                                    (default: warn)
        --no-tensorboard            write no events for TensorBoard
        --backend <name>            how several processes exchange gradients: nccl for
                                    GPUs, gloo for all; its network is
                                    GLOO_SOCKET_IFNAME's: auto, gloo, nccl
                                    (default: auto)
        --collective-timeout <time>
                                    how long processes wait for one another, such as
                                    90s or 10min (default: 10min)
        --init-from <model>         start from the weights of this run, snapshot,
                                    folder or file: any of net_AE (.safetensors, .pth)
        --seed <number>             the same seed gives the same run (default: 0)
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --workers <count>           threads that read and prepare images
                                    (default: one for each core)
        --cache <size>              memory for decoded images: auto (half of the free
                                    memory), off, or a number of GiB (default: auto)
        --precision <kind>          number format of the convolutions: auto, fp32,
                                    tf32, bf16 (default: fp32)
        --save-every <interval>     epochs between snapshots, or steps or minutes:
                                    2000steps, 30min (default: 10)
        --save-at-least <minutes>   save a snapshot in any case when so much time has
                                    passed since the last; it replaces the one before
                                    that was saved for this reason (default: 30min)
        --keep-last <count>         how many of the newest snapshots are kept, beside
                                    the latest and the best; 0 keeps all (default: 3)
        --keep-every <epochs>       keep the snapshots of epochs that are multiples of
                                    this as well; 0 for none (default: 50)
        --log-every <steps>         steps between lines of metrics.jsonl
                                    (default: 100)
        --sample-every <steps>      steps between sample sheets
                                    (default: at each snapshot)
        --quiet                     write only warnings and errors, no progress or
                                    notices

      images:
        --size <pixels>             side of the square images; of convolutional layers
                                    28, 32, 64 or 128
                                    (default: the images' own up to 28, else 32 or 64)
        --channels <count>          1 (gray) or 3 (color) (default: as in the data)
        --binarize <threshold>      make values from this on white and the others
                                    black, from 0 to 1; what is made of images by the
                                    trained model does the same; 0.5 without a value
                                    (default: off)
        --class <name>              train on this class only, given by name or number
        --max-images <count>        use at most this many images (default: all)
        --background <color>        color behind transparent pixels (default: white)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)
        --strict                    stop at an image that cannot be used, instead of
                                    leaving it out

      length and learning rate:
        --epochs <count>            epochs at the full learning rate (default: 100)
        --decay-epochs <count>      epochs after those, while the learning rate falls
                                    (default: 100)
        --steps <count>             stop after this many optimization steps
                                    (default: all epochs)
        --batch-size <count>        images in one step (default: 100)
        --accumulate <count>        batches that are averaged for one step, in the
                                    memory of one (default: 1)
        --lr <rate>                 learning rate of Adam (default: 0.001)
        --beta1 <factor>            decay rate of Adam's mean of the gradient
                                    (default: 0.9)
        --beta2 <factor>            decay rate of Adam's mean of the squared gradient
                                    (default: 0.999)
        --lr-policy <name>          how the learning rate falls: linear, step,
                                    plateau, cosine, constant (default: linear)

      autoencoder:
        --kind <kind>               whether codes are distributions or numbers alone:
                                    variational, plain (default: variational)
        --code <count>              numbers that an image becomes (default: 8)
        --beta <weight>             weight of the divergence of codes from N(0, 1); 1
                                    is the ELBO (default: 1)
        --likelihood <kind>         what values are taken for: bernoulli for black or
                                    white, as gray images are by default and those of
                                    --binarize; gaussian for numbers with one learned
                                    deviation, as color images are: bernoulli,
                                    gaussian (default: by the images)
        --layers <kind>             layers of both networks; connected ones are for
                                    images of up to 28 pixels: connected,
                                    convolutional (default: by --size)
        --hidden <widths>           widths of the encoder's hidden connected layers,
                                    such as 512,256; the decoder has them in reverse
                                    (default: 500)
        --filters <count>           channels of the convolutional layers next to the
                                    image; they double each time the side halves
                                    (default: 32)

      examples:
        cyclegan autoencoder train datasets/mnist --name digits --binarize 0.5
        cyclegan autoencoder train datasets/faces --name faces --size 64 --code 32
        cyclegan autoencoder train datasets/mnist --name plane --code 2
        cyclegan autoencoder train --name faces --resume --epochs 150

      """
    #expect(help("autoencoder", "train", "--help") == expected)
  }

  @Test func generate() {
    let expected = """
      usage: cyclegan autoencoder generate <model> --output <folder> [options]
             cyclegan autoencoder generate <model> --sheet <file> [options]

      Decodes random codes to images with a variational autoencoder. The same seed
      gives the same images: sample 7 is the same whether 10 or 1,000 are generated.
      Of a model whose codes have two numbers, --map shows the plane of all codes. The
      paths written go to the standard output.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file

      results:
        --output <folder>           write each image into this folder: 0001.png,
                                    0002.png, ...
        --sheet <file>              write all images into one file, as a grid; its
                                    name says in which format
        --overwrite                 replace files that exist
        --quiet                     write only warnings and errors, no progress or
                                    notices

      images:
        --count <count>             number of samples or of walks (default: 64;
                                    1 walk)
        --seed <number>             the same seed gives the same images (default: 0)
        --interpolate <count>       walk from sample 1 to 2, then from 2 to 3, each in
                                    this many images, along great circles
                                    (default: no walks)
        --map <count>               decode the plane of codes of two numbers, with so
                                    many images on a side; 20 without a value
                                    (default: no map)
        --reach <number>            let the map go from minus this to this in even
                                    steps (default: quantiles of N(0, 1))

      computing:
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does

      examples:
        cyclegan autoencoder generate checkpoints/vae --sheet samples.png
        cyclegan autoencoder generate checkpoints/vae --interpolate 9 --sheet walk.png
        cyclegan autoencoder generate checkpoints/vae --map --sheet plane.png

      """
    #expect(help("autoencoder", "generate", "--help") == expected)
  }

  @Test func reconstruct() {
    let expected = """
      usage: cyclegan autoencoder reconstruct <model> <images>... --output <folder>
             cyclegan autoencoder reconstruct <model> <images>... --sheet <file>

      Encodes images, decodes the codes' means, and writes each image beside its
      reconstruction. The mean squared error of each, for values from 0 (black) to 1
      (white), goes to the standard output as CSV, with the file in --output, and
      stands on the sheet.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file
        <images>...                 images, folders of them, MNIST's files or
                                    CIFAR-10's; a file of theirs alone as well, such
                                    as t10k-images-idx3-ubyte.gz or test_batch.bin

      results:
        --output <folder>           write each image beside its reconstruction into
                                    this folder: 0001.png, 0002.png, ...
        --sheet <file>              write all of them into one file, as a grid; its
                                    name says in which format
        --interpolate <count>       instead, decode codes on the straight line from
                                    the first image's to the second's, and so on, each
                                    in this many images (default: no walks)
        --overwrite                 replace files that exist
        --quiet                     write only warnings and errors, no progress or
                                    notices

      images:
        --max-images <count>        take only the first images (default: all)
        --background <color>        color behind transparent pixels (default: white)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)

      computing:
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does

      examples:
        cyclegan autoencoder reconstruct checkpoints/vae images --sheet pairs.png
        cyclegan autoencoder reconstruct vae 7.png 1.png --interpolate 9 --sheet w.png

      """
    #expect(help("autoencoder", "reconstruct", "--help") == expected)
  }

  @Test func encode() {
    let expected = """
      usage: cyclegan autoencoder encode <model> <images>... [options]

      Writes one line of CSV for each image: its path, then the numbers of its code,
      z1, z2, ... Of a variational autoencoder these are means, and the standard
      deviations s1, s2, ... follow.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file
        <images>...                 images, folders of them, MNIST's files or
                                    CIFAR-10's; a file of theirs alone as well, such
                                    as t10k-images-idx3-ubyte.gz or test_batch.bin

      results:
        --output <file>             write the lines into this file; - is the standard
                                    output
        --overwrite                 replace a file that exists
        --quiet                     write only warnings and errors, no progress or
                                    notices

      images:
        --max-images <count>        take only the first images (default: all)
        --background <color>        color behind transparent pixels (default: white)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)

      computing:
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does

      examples:
        cyclegan autoencoder encode checkpoints/vae images > codes.csv
        cyclegan autoencoder encode checkpoints/vae mnist --output codes.csv

      """
    #expect(help("autoencoder", "encode", "--help") == expected)
  }

  @Test func evaluate() {
    let expected = """
      usage: cyclegan autoencoder evaluate <model> <images>... [options]

      Prints, of a variational autoencoder, the negative ELBO with its two parts and
      an importance-sampled bound of the negative log-likelihood, which is closer to
      the truth, both in nats an image; of every model the mean squared error. The
      images should not be those of the training. Every number comes with its standard
      error.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file
        <images>...                 images, folders of them, MNIST's files or
                                    CIFAR-10's; a file of theirs alone as well, such
                                    as t10k-images-idx3-ubyte.gz or test_batch.bin

      measures:
        --samples <count>           draws of each image's code (default: 500)
        --seed <number>             for the draws (default: 0)
        --binarize <threshold>      make values from this on white and the others
                                    black, from 0 to 1; 0.5 without a value
                                    (default: as the model was trained)
        --json                      write JSON, for programs

      images:
        --max-images <count>        take only the first images (default: all)
        --background <color>        color behind transparent pixels (default: white)
        --max-pixels <count>        refuse images with more pixels, before they are
                                    decoded (default: 250000000)
        --accept-truncated          use broken images as far as they can be decoded
        --accept-nonfinite          use floats that are infinite or no numbers,
                                    brought into the range of the others
        --pages <meaning>           pages of a TIFF: the first is the image, all are
                                    its channels, or each is an image: first,
                                    channels, images (default: first)

      computing:
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does
        --quiet                     write only warnings and errors, no progress or
                                    notices

      examples:
        cyclegan autoencoder evaluate checkpoints/vae datasets/test --json

      """
    #expect(help("autoencoder", "evaluate", "--help") == expected)
  }
}
