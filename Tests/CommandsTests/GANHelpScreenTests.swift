import Testing

@testable import Commands

/// The help screens of `dcgan` and `gan` as users read them.
@Suite struct GANHelpScreenTests {
  private func help(_ arguments: String...) -> String {
    let recording = Recording()
    #expect(CommandLineTool.cyclegan.run(arguments, recording.context) == .success)
    return recording.standardOutput
  }

  @Test func group() {
    let expected = """
      usage: cyclegan dcgan <command> [options]

      Trains a DCGAN and generates images from noise.

      commands:
        train     trains a generator of images on a folder, MNIST or CIFAR-10
        generate  generates images with a trained generator
        classify  names the classes of images

      'cyclegan dcgan <command> --help' shows the options of a command and their
      defaults.

      """
    #expect(help("dcgan", "--help") == expected)
  }

  @Test func dcganTrain() {
    let expected = """
      usage: cyclegan dcgan train <data> [options]

      Trains a DCGAN: a generator of images from noise and a discriminator that tells
      them from real ones. The run's weights, samples and metrics go to
      <checkpoints-dir>/<name>.

      arguments:
        <data>                      a folder of JPEG, PNG and WebP images, whose
                                    subfolders are classes; or one with MNIST's four
                                    files or CIFAR-10's binary batches. Not needed
                                    with --resume.

      run:
        --name <name>               name of the run, which is its folder in
                                    --checkpoints-dir (default: dcgan)
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
                                    folder or file: any of net_G, net_D, net_G_ema
                                    (.safetensors, .pth)
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
        --size <pixels>             side of the square images, those of the data and
                                    those generated: 28, 32, 64 or 128
                                    (default: 28, 32 or 64, depending on the data)
        --channels <count>          1 (gray) or 3 (color) (default: as in the data)
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
        --epochs <count>            epochs at the full learning rate (default: 75)
        --decay-epochs <count>      epochs after those, while the learning rate falls
                                    (default: 0)
        --steps <count>             stop after this many optimization steps
                                    (default: all epochs)
        --batch-size <count>        images in one step (default: 64)
        --accumulate <count>        batches that are averaged for one step, in the
                                    memory of one (default: 1)
        --sync-batchnorm            take the statistics of batch norm from the images
                                    of all processes
        --optimizer <name>          optimizer of both networks: adam, rmsprop
                                    (default: adam; rmsprop for wgan)
        --lr <rate>                 learning rate of both networks (default: 0.0002;
                                    0.00005 for wgan; 0.0001 for wgan-gp and began;
                                    0.0003 for sgan)
        --generator-lr <rate>       learning rate of the generator (default: as --lr;
                                    0.001 for infogan; with wgan and wgan-gp as --lr)
        --discriminator-lr <rate>   learning rate of the discriminator
                                    (default: as --lr)
        --beta1 <factor>            decay rate of Adam's mean of the gradient
                                    (default: 0.5; 0 for wgan-gp)
        --beta2 <factor>            decay rate of Adam's mean of the squared gradient
                                    (default: 0.999; 0.9 for wgan-gp)
        --lr-policy <name>          how the learning rate falls: linear, step,
                                    plateau, cosine, constant (default: linear)
        --critic-steps <count>      discriminator steps for each generator step
                                    (default: 1; 5 for wgan and wgan-gp)

      networks:
        --filters <count>           channels of the layers next to the image; they
                                    double each time the side halves (default: 64)
        --discriminator-norm <kind>
                                    normalization in the discriminator: instance,
                                    batch, none (default: batch; instance for wgan-gp;
                                    none for began; none for acgan; none for sgan)
        --latent <count>            length of the random vector that an image is
                                    generated from (default: 100; 62 for infogan)
        --latent-distribution <kind>
                                    distribution of the random vectors: normal,
                                    uniform (default: normal)
        --dropout <share>           share of hidden values set to 0 in both networks
                                    (default: 0)
        --generator-dropout <share>
                                    the same in the generator (default: as --dropout)
        --discriminator-dropout <share>
                                    the same in the discriminator
                                    (default: as --dropout)
        --ema <decay>               decay rate of the moving average of the
                                    generator's weights (default: 0.999)

      classes and codes:
        --condition <kind>          what the networks know beside images: cgan, their
                                    classes; acgan, the same, and the discriminator
                                    names them; infogan, codes that come to mean
                                    something; sgan, the classes of few: cgan, acgan,
                                    infogan, sgan (default: none)
        --codes <list>              infogan's codes: a number for one of so many, u
                                    for a number from -1 to 1 (default: 10,u,u)
        --labels <count>            images whose classes sgan is told, as many of
                                    each, drawn by the seed (default: all)

      losses:
        --loss <name>               adversarial loss: vanilla, saturating, lsgan,
                                    wgan, wgan-gp, hinge, began (default: vanilla)
        --lsgan-a <label>           label of fakes in lsgan (default: 0)
        --lsgan-b <label>           label of real images in lsgan (default: 1)
        --lsgan-c <label>           target label of lsgan's generator (default: 1)
        --weight-clip <bound>       limit of the weights of wgan's discriminator
                                    (default: 0.01)
        --gradient-penalty <weight>
                                    weight of wgan-gp's gradient penalty (default: 10)
        --began-gamma <ratio>       began's diversity: target ratio of L(G(z)) to L(x)
                                    (default: 0.5)
        --began-lambda <rate>       step size of began's k (default: 0.001)

      stabilization (label options only with vanilla, saturating and lsgan):
        --label-smoothing <amount>  lower the label of real images by this in the
                                    discriminator's loss; 0.1 without a value
                                    (default: 0)
        --label-noise <share>       share of labels swapped in the discriminator's
                                    loss; 0.05 without a value (default: 0)
        --flip-labels               swap the labels of real images and fakes in both
                                    losses
        --clip-gradients <norm>     limit of the norm of each network's gradient
                                    (default: none)
        --joint-batches             judge real images and fakes in one batch instead
                                    of two

      examples:
        cyclegan dcgan train datasets/faces --name faces
        cyclegan dcgan train datasets/cifar-10-batches-bin --class frog --name frogs
        cyclegan dcgan train datasets/mnist --condition cgan --name digits
        cyclegan dcgan train --name faces --resume --epochs 150

      """
    #expect(help("dcgan", "train", "--help") == expected)
  }

  @Test func dcganGenerate() {
    let expected = """
      usage: cyclegan dcgan generate <model> --output <folder> [options]
             cyclegan dcgan generate <model> --sheet <file> [options]

      Generates images from random vectors. The same seed gives the same images:
      sample 7 is the same whether 10 or 1,000 are generated. The paths written go to
      the standard output.

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
        --count <count>             number of samples, of walks, of images around a
                                    sum, of samples of each class, or of walks along a
                                    code (default: 64; 1 walk; 9 around a sum;
                                    8 of each class; 8 walks along a code)
        --seed <number>             the same seed gives the same images (default: 0)
        --interpolate <count>       walk from sample 1 to 2, then from 2 to 3, each in
                                    this many images, along great circles
                                    (default: no walks)
        --arithmetic <sum>          add and subtract the means of numbered samples,
                                    such as "1,5,9 - 2,3,7 + 4,8,11"; the sum itself
                                    is the first image
        --class <name>              class of all images, by name or number; all makes
                                    a row for each class, with the same random vectors
                                    (a class called all is meant by its number)
        --vary <code>               walk along an infogan's code, counted from 1,
                                    while the others and the random vector stand: a
                                    row for each sample (default: none)
        --no-ema                    use the weights of the last step, not their moving
                                    average

      computing:
        --device <device>           where to compute: auto, cpu, cuda, cuda:N, mps
                                    (default: auto)
        --threads <count>           CPU threads for computing
                                    (default: one for each core)
        --deterministic             on a GPU, compute in ways that give the same each
                                    time, as the CPU does

      examples:
        cyclegan dcgan generate checkpoints/faces --sheet faces.png
        cyclegan dcgan generate checkpoints/faces --count 1000 --output faces --seed 7
        cyclegan dcgan generate checkpoints/faces --interpolate 10 --sheet walk.png
        cyclegan dcgan generate checkpoints/faces --arithmetic 1,5-2,3+4 --sheet s.png
        cyclegan dcgan generate checkpoints/digits --class all --sheet digits.png

      """
    #expect(help("dcgan", "generate", "--help") == expected)
  }

  @Test func classify() {
    let expected = """
      usage: cyclegan dcgan classify <model> <images>... [options]

      Names the class of each image with the discriminator of a run with --condition
      acgan or sgan. A line of CSV for each goes to the standard output: the image,
      the likeliest class and its probability.

      arguments:
        <model>                     a run's folder, one snapshot in it, or a weights
                                    file
        <images>...                 images, folders of them, MNIST's files or
                                    CIFAR-10's; a file of theirs alone as well, such
                                    as t10k-images-idx3-ubyte.gz or test_batch.bin

      results:
        --json                      write JSON, with the probabilities of all classes
        --truth <what>              compare with the true classes, which are the names
                                    of the images' folders, or what the labels of
                                    MNIST's and CIFAR-10's files say: adds a column,
                                    and a confusion matrix to --json or on the
                                    standard error: folders (default: none)
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
        cyclegan dcgan classify checkpoints/digits digit.png
        cyclegan dcgan classify checkpoints/digits digits/test --truth folders

      """
    #expect(help("dcgan", "classify", "--help") == expected)
  }

  /// What `gan train` says differently.
  @Test func ganTrain() {
    let expected = """
      usage: cyclegan gan train <data> [options]
      Trains the original GAN, whose two networks are fully connected. The run's
      weights, samples and metrics go to <checkpoints-dir>/<name>.
                                    --checkpoints-dir (default: gan)
                                    those generated (default: the data's below 28;
                                    else 28, 32 or 64, depending on the data)
        --epochs <count>            epochs at the full learning rate (default: 200)
        --batch-size <count>        images in one step (default: 100)
                                    0.003 for sgan)
        --hidden <widths>           widths of the generator's hidden layers, such as
                                    256,512; the discriminator has them in reverse
                                    (default: 256; the paper's layers for cgan)
                                    generated from (default: 64; 100 for cgan;
                                    62 for infogan)
                                    (default: as --dropout;
                                    0.5 for cgan without --hidden)
                                    something; sgan, the classes of few
                                    (--decay-epochs 200): cgan, acgan, infogan, sgan
        cyclegan gan train datasets/faces --name faces
        cyclegan gan train datasets/cifar-10-batches-bin --class frog --name frogs
        cyclegan gan train datasets/mnist --condition cgan --name digits
        cyclegan gan train --name faces --resume --epochs 150
      """
    let dcgan = help("dcgan", "train", "--help").split(separator: "\n")
    let gan = help("gan", "train", "--help").split(separator: "\n")
    #expect(gan.filter { !dcgan.contains($0) }.joined(separator: "\n") == expected)
  }

  /// Both make images the same way.
  @Test func ganGenerate() {
    let dcgan = help("dcgan", "generate", "--help")
    #expect(help("gan", "generate", "--help") == dcgan.replacing(" dcgan ", with: " gan "))
  }
}
